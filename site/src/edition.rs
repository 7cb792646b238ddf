//! The two editions of the notes, and what mdBook itself says in the language of each.

/// One edition.
#[derive(Debug)]
pub(crate) struct Edition {
    /// Its file in the repository.
    pub(crate) file: &'static str,
    /// Its folder in the site.
    pub(crate) folder: &'static str,
    /// Its language, as pages name it.
    pub(crate) language: &'static str,
    /// Its own name for its language: what the switch in the other edition says.
    pub(crate) name: &'static str,
    /// What the switch to it says when asked.
    pub(crate) switch: &'static str,
    /// The heading of the programs' pages.
    pub(crate) programs: &'static str,
    /// What a program's page says before the sections that it belongs to.
    pub(crate) explained: &'static str,
    /// How a picture's text is introduced to those who cannot see it.
    pub(crate) diagram: &'static str,
    /// What begins a paragraph with something to run.
    pub(crate) run: &'static str,
    /// What the packets in a chapter are.
    pub(crate) packets: &'static str,
    /// What leads to them on a page of their own.
    pub(crate) alone: &'static str,
    /// What mdBook says, and what is said in its place.
    pub(crate) words: &'static [(&'static str, &'static str)],
}

/// Both.
pub(crate) const EDITIONS: [Edition; 2] = [
    Edition {
        file: "NOTES.md",
        folder: "en",
        language: "en",
        name: "English",
        switch: "This section in English",
        programs: "The programs",
        explained: "The notes explain it: ",
        diagram: "Diagram: ",
        run: "**Run it.**",
        packets: "The packets, step by step",
        alone: "The packets on a page of their own",
        words: &[("title=\"Search (`/`)\"", "title=\"Search (/)\"")],
    },
    Edition {
        file: "NOTES.zh-CN.md",
        folder: "zh",
        language: "zh-CN",
        name: "中文",
        switch: "这一节的中文版",
        programs: "程序",
        explained: "笔记里的讲解：",
        diagram: "图：",
        run: "**动手。**",
        packets: "一步一步看包",
        alone: "在单独的页面里看",
        words: &[
            ("Keyboard shortcuts", "快捷键"),
            (
                "Press <kbd>←</kbd> or <kbd>→</kbd> to navigate between chapters",
                "<kbd>←</kbd> 和 <kbd>→</kbd>：上一章、下一章",
            ),
            (
                "Press <kbd>S</kbd> or <kbd>/</kbd> to search in the book",
                "<kbd>S</kbd> 或 <kbd>/</kbd>：搜索",
            ),
            ("Press <kbd>?</kbd> to show this help", "<kbd>?</kbd>：显示本帮助"),
            ("Press <kbd>Esc</kbd> to hide this help", "<kbd>Esc</kbd>：关闭本帮助"),
            ("Toggle Table of Contents", "目录"),
            ("Table of contents", "目录"),
            ("Change theme", "明暗"),
            ("Themes", "明暗"),
            (">Auto<", ">跟随系统<"),
            (">Light<", ">浅色<"),
            (">Dark<", ">深色<"),
            ("Search (`/`)", "搜索（/）"),
            ("Toggle Searchbar", "搜索"),
            ("Search this book ...", "搜索……"),
            ("Print this book", "打印"),
            ("Page navigation", "上一章和下一章"),
            ("Previous chapter", "上一章"),
            ("Next chapter", "下一章"),
            ("Copy to clipboard", "复制"),
            ("Copied!", "已复制"),
            ("Clipboard error!", "复制失败"),
        ],
    },
];
