//! The English and the Chinese edition of the notes, and the words of their pages.

pub(crate) struct Edition {
    pub(crate) file: &'static str,
    pub(crate) folder: &'static str,
    pub(crate) language: &'static str,
    /// The label of the link to it.
    pub(crate) name: &'static str,
    /// The tooltip of that link.
    pub(crate) switch: &'static str,
    pub(crate) source_code: &'static str,
    /// The text before the links from a source file to its sections.
    pub(crate) explained: &'static str,
    /// The start of a diagram's description for screen readers.
    pub(crate) diagram: &'static str,
    /// The start of an exercise in the notes.
    pub(crate) run: &'static str,
    /// The title of a frame with packets.
    pub(crate) packets: &'static str,
    /// The link to the page in that frame.
    pub(crate) packets_link: &'static str,
    /// mdBook's own texts, and their replacements.
    pub(crate) replacements: &'static [(&'static str, &'static str)],
}

pub(crate) const EDITIONS: [Edition; 2] = [
    Edition {
        file: "NOTES.md",
        folder: "en",
        language: "en",
        name: "English",
        switch: "Read this section in English",
        source_code: "Source code",
        explained: "Explained in: ",
        diagram: "Diagram: ",
        run: "**Run it.**",
        packets: "Packets, step by step",
        packets_link: "Open the packets on a page of their own",
        replacements: &[
            (">Navy<", ">Dark<"),
            ("title=\"Search (`/`)\"", "title=\"Search (/)\""),
            ("to search in the book", "to search"),
            ("Search this book ...", "Search the notes ..."),
            ("Print this book", "Print the notes"),
        ],
    },
    Edition {
        file: "NOTES.zh-CN.md",
        folder: "zh",
        language: "zh-CN",
        name: "中文",
        switch: "阅读本节的中文版",
        source_code: "源代码",
        explained: "相关章节：",
        diagram: "图：",
        run: "**动手。**",
        packets: "逐步查看数据包",
        packets_link: "在单独的页面中打开",
        replacements: &[
            ("Keyboard shortcuts", "键盘快捷键"),
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
            ("Change theme", "切换主题"),
            ("Themes", "主题"),
            (">Auto<", ">跟随系统<"),
            (">Light<", ">浅色<"),
            (">Navy<", ">深色<"),
            ("Search (`/`)", "搜索（/）"),
            ("Toggle Searchbar", "搜索"),
            ("Search this book ...", "搜索……"),
            ("Print this book", "打印"),
            ("Page navigation", "翻页"),
            ("Previous chapter", "上一章"),
            ("Next chapter", "下一章"),
            ("Copy to clipboard", "复制"),
            ("Copied!", "已复制"),
            ("Clipboard error!", "复制失败"),
        ],
    },
];
