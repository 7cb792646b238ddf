//! Which word an answer means: in English or Chinese, and in the forms that textbooks and packet
//! analyzers use.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization as _;

/// The words with which a question can be answered.
#[derive(Debug)]
pub struct Words {
    /// The message that lists them as the form does.
    pub list: &'static str,
    /// Each word, and its other forms as [`normal`] returns them, with spaces between.
    pub forms: &'static [(&'static str, &'static str)],
    /// What may stand before or after a form without changing what it means. They are removed in this
    /// order.
    pub affixes: &'static [&'static str],
    /// How the text is read: as one of the forms, or as the flags of a segment.
    pub kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Form,
    Flags,
}

const OF_LAYERS: &[&str] = &["the", "layer", "层", "層"];
const APPLICATION: (&str, &str) = ("application", "应用 應用");
const TRANSPORT: (&str, &str) = ("transport", "传输 运输 傳輸 運輸");

pub const LAYERS: Words = Words {
    list: "words-osi",
    forms: &[
        APPLICATION,
        ("presentation", "表示 表现 表現"),
        ("session", "会话 會話 會談 會議"),
        TRANSPORT,
        ("network", "网络 网际 網絡 網路"),
        ("data link", "datalink link 数据链路 链路 數據鏈路 資料鏈路 資料連結 鏈路"),
        ("physical", "物理 實體"),
    ],
    affixes: OF_LAYERS,
    kind: Kind::Form,
};

pub const TCP_IP_LAYERS: Words = Words {
    list: "words-tcp-ip",
    forms: &[
        APPLICATION,
        TRANSPORT,
        (
            "network",
            "internet 网络 网际 网际互联 网际互连 网络互联 网络互连 互联网 網絡 網路 網際 網際網路",
        ),
        (
            "link",
            "datalink networkinterface networkaccess 链路 数据链路 物理链路 网络接口 网络访问 \
             网络接入 鏈路 數據鏈路 資料鏈路 資料連結 網絡接口 網路介面 網路存取",
        ),
    ],
    affixes: OF_LAYERS,
    kind: Kind::Form,
};

pub const ENDS: Words = Words {
    list: "words-ends",
    forms: &[
        ("client", "客户 客户机 客戶 用户 用戶"),
        ("server", "服务 服务器 伺服器 服務 服務器"),
    ],
    affixes: &["the", "side", "program", "端", "方", "程序", "进程"],
    kind: Kind::Form,
};

/// The flags of the segments that open a connection.
pub const FLAGS: Words = Words {
    list: "words-flags",
    forms: &[("syn", ""), ("ack", ""), ("ack syn", "both 都有 两个都有 两者都有 兩個都有")],
    affixes: &[],
    kind: Kind::Flags,
};

/// The flag that a segment is about when a connection is closed.
pub const FLAG_OF_CLOSE: Words = Words {
    list: "words-close-flag",
    forms: &[("fin", ""), ("ack", "")],
    affixes: &[],
    kind: Kind::Flags,
};

pub const OPTIONS: Words = Words {
    list: "words-options",
    forms: &[("a", ""), ("b", ""), ("c", ""), ("d", "")],
    affixes: &[
        "the", "answer", "option", "choice", "is", "选择", "选项", "选", "答案", "是", "项",
        "選擇", "選項", "選", "項",
    ],
    kind: Kind::Form,
};

pub const PROTOCOLS: Words = Words {
    list: "words-protocols",
    forms: &[
        ("tcp", "传输控制 transmissioncontrol 傳輸控制"),
        ("udp", "用户数据报 用户数据包 userdatagram"),
    ],
    affixes: &["protocol", "协议", "協議", "協定", "the", "use", "使用", "用", "选"],
    kind: Kind::Form,
};

pub const TRUTH: Words = Words {
    list: "words-truth",
    forms: &[
        (
            "true",
            "t y yes right correct 1 对 对的 正确 正确的 是 是的 真 保证 對 正確 保證 √ ✓ ✔ ☑ ✅",
        ),
        (
            "false",
            "f n no wrong incorrect 0 x 错 错的 错误 错误的 不对 不正确 否 不是 假 不保证 錯 錯誤 \
             不對 不正確 不保證 × ✕ ✖ ✗ ✘ ☒ ❌",
        ),
    ],
    affixes: &[],
    kind: Kind::Form,
};

/// Returns which of the words an answer means, if any.
pub fn word(text: &str, words: &Words) -> Option<&'static str> {
    let given = normal(text);
    let known = |given: &str| {
        let forms = words.forms.iter();
        let mut known = forms.filter(|(word, forms)| {
            given == normal(word) || forms.split_whitespace().any(|form| form == given)
        });
        known.next().map(|(word, _)| *word)
    };
    let found = known(&given).or_else(|| {
        let mut rest = &*given;
        while let Some(shorter) = words
            .affixes
            .iter()
            .find_map(|affix| rest.strip_prefix(affix).or_else(|| rest.strip_suffix(affix)))
        {
            rest = shorter;
            if let Some(word) = known(rest) {
                return Some(word);
            }
        }
        None
    });
    found.or_else(|| {
        let flags = flags(text).filter(|_| words.kind == Kind::Flags)?;
        words.forms.iter().map(|(word, _)| *word).find(|word| *word == flags)
    })
}

/// Returns a text without what makes no difference: case, width, spaces and punctuation.
pub fn normal(text: &str) -> String {
    let characters = text.nfkc().flat_map(char::to_lowercase);
    characters.filter(|&character| character.is_alphanumeric() || is_mark(character)).collect()
}

/// Returns whether it's a tick or a cross, which Unicode doesn't count as letters.
fn is_mark(character: char) -> bool {
    "√✓✔☑✅×✕✖✗✘☒❌".contains(character)
}

/// What may stand after a flag without changing what it means.
const AFTER_A_FLAG: &[&str] = &["置1", "置位", "标志位", "标志", "报文段", "报文", "包", "位"];

/// Returns what flags such as `SYN, ACK`, `SYNACK`, `SYN 和 ACK` or `SYN=1, ACK=0, seq=x` mean, if every
/// part is known.
fn flags(text: &str) -> Option<&'static str> {
    let text: String = text.nfkc().flat_map(char::to_lowercase).collect();
    let text = text.split('=').map(str::trim).collect::<Vec<_>>().join("=");
    let is_between = |c: char| !(c.is_alphanumeric() || c == '=') || "和与與及跟".contains(c);
    let mut set = BTreeSet::new();
    for part in text.split(is_between).filter(|part| !part.is_empty()) {
        let (mut name, value) = part.split_once('=').unwrap_or((part, "1"));
        while let Some(flag) = AFTER_A_FLAG.iter().find_map(|after| name.strip_suffix(after)) {
            name = flag;
        }
        let flags: &[&str] = match name {
            "syn" => &["syn"],
            "ack" => &["ack"],
            "fin" => &["fin"],
            "synack" | "acksyn" => &["ack", "syn"],
            "finack" | "ackfin" => &["ack", "fin"],
            // The 1 is a flag's value, or what is added to a number as in `ack=x+1`.
            "" | "1" | "seq" | "and" | "flag" | "flags" => &[],
            _ => return None,
        };
        if value != "0" {
            set.extend(flags);
        }
    }
    match set.into_iter().collect::<Vec<_>>()[..] {
        [flag] => Some(flag),
        ["ack", "syn"] => Some("ack syn"),
        // On the wire, the segment with FIN has ACK, too.
        ["ack", "fin"] => Some("fin"),
        _ => None,
    }
}
