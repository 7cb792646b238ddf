//! Tests of this test target. `tests/ungraded/answers.rs` runs it on whole files.

use tests::Message;

use crate::form_text;
use crate::words::{
    ENDS, FLAG_OF_CLOSE, FLAGS, LAYERS, OPTIONS, PROTOCOLS, TCP_IP_LAYERS, TRUTH, Words, normal,
    word,
};

/// The words, what they mean, and other answers that mean the same, with bars between.
const ACCEPTED: &[(&Words, &str, &str)] = &[
    (
        &LAYERS,
        "application",
        "Application|APPLICATION LAYER|the application layer|应用层|应用|ａｐｐｌｉｃａｔｉｏｎ",
    ),
    (
        &LAYERS,
        "data link",
        " Data  Link |datalink|data-link layer|Data_Link|数据链路层|链路层|資料鏈路層|数据 链路层",
    ),
    (&LAYERS, "network", "network|网络层|網路層|Ｎｅｔｗｏｒｋ Ｌａｙｅｒ"),
    (&LAYERS, "transport", "传输层|运输层|“传输层”|transport."),
    (&LAYERS, "session", "会话层|session layer"),
    (&LAYERS, "presentation", "表示层|Presentation  Layer"),
    (&LAYERS, "physical", "物理层|physical layer|實體層"),
    (
        &TCP_IP_LAYERS,
        "link",
        "link|链路层|数据链路层|data link|网络接口层|物理链路层|Network Interface Layer|network access",
    ),
    (&TCP_IP_LAYERS, "network", "network|internet|Internet layer|网际层|网络层|互联网层"),
    (&TCP_IP_LAYERS, "application", "应用层|application"),
    (
        &ENDS,
        "client",
        "Client|客户端|客户机|client端|client 端|client side|客户端程序|客戶端|ｃｌｉｅｎｔ",
    ),
    (&ENDS, "server", "SERVER|服务端|服务器|服务器端|server端|服务方|the server|伺服器"),
    (
        &FLAGS,
        "syn",
        "SYN|syn|ＳＹＮ|SYN=1|SYN = 1, seq = x|SYN=1,ACK=0|[SYN]|SYN 位|SYN标志|SYN 报文段|SYN flag",
    ),
    (&FLAGS, "ack", "ACK|ACK=1|ACK=1, seq=x+1, ack=y+1|SYN=0，ACK=1|ACK 报文"),
    (
        &FLAGS,
        "ack syn",
        "SYN ACK|SYN, ACK|ack+syn|SYN，ACK|SYNACK|SYN-ACK|SYN/ACK|SYN 和 ACK|SYN和ACK|SYN与ACK\
         |SYN=1,ACK=1|SYN=1, ACK=1, seq=y, ack=x+1|SYN、ACK|SYN and ACK|[SYN, ACK]|ＳＹＮ＋ＡＣＫ|ACK SYN|both",
    ),
    (
        &FLAG_OF_CLOSE,
        "fin",
        "FIN|fin|FIN ACK|FIN,ACK|FIN=1,ACK=1|[FIN, ACK]|FINACK|FIN 标志位|FIN=1, seq=u",
    ),
    (&FLAG_OF_CLOSE, "ack", "ACK|ACK=1|ACK=1, seq=v, ack=u+1"),
    (&OPTIONS, "b", "b|B|选b|选 B|选项B|B 选项|(b)|b.|B、|答案：B|答案是b|option b|Answer: B|Ｂ|ⓑ"),
    (&PROTOCOLS, "tcp", "tcp|TCP|TCP协议|TCP 协议|用TCP|使用 TCP 协议|the TCP protocol|ＴＣＰ"),
    (&PROTOCOLS, "udp", "udp|UDP协议|用户数据报协议"),
    (&TRUTH, "true", "true|True|T|t|yes|Y|是|是的|对|正确|√|✓|✔|✔\u{fe0f}|Ｔ|保证"),
    (&TRUTH, "false", "false|FALSE|F|no|N|否|不是|错|错误|不对|×|✗|x|Ｆ|不保证"),
];

/// Answers that mean none of the words.
const REFUSED: &[(&Words, &str)] = &[
    (
        &LAYERS,
        "layer|层|应用层和表示层|application, presentation|applicationtransport|7|osi|网络接口层",
    ),
    (&TCP_IP_LAYERS, "physical|物理层|session|会话层|表示层|tcp|链路层、网络层|ip"),
    (
        &ENDS,
        "client server|客户端和服务端|client/server|客户端或服务端|both|端|client -> server|host|SYN",
    ),
    (
        &FLAGS,
        "FIN|FIN ACK|SYN or ACK|SYN或ACK|no ACK|SYN FIN|RST|SYN=0|ACK=0|seq=1|client|not SYN|SYN SENT|1|=",
    ),
    (&FLAG_OF_CLOSE, "SYN|FIN SYN|SYN ACK|FIN or ACK|FIN或ACK|RST|close|FIN ACK SYN|FIN=0"),
    (&OPTIONS, "ab|a, b|a 或 b|选ab|a and b|e|选|true|abcd|答案"),
    (&PROTOCOLS, "tcp udp|TCP/UDP|tcp or udp|TCP/IP|ip|协议|http|both|tcp 或 udp|tcp, not udp"),
    (&TRUTH, "true false|T/F|是/否|yes/no|对错|√×|maybe|不知道|tcp|2|10|?|是否"),
];

#[test]
fn an_answer_counts_in_every_usual_form() {
    for (words, meaning, texts) in ACCEPTED {
        for text in texts.split('|') {
            assert_eq!(word(text, words), Some(*meaning), "{text}");
        }
    }
}

#[test]
fn an_answer_that_names_no_single_word_does_not_count() {
    for (words, texts) in REFUSED {
        for text in texts.split('|') {
            assert_eq!(word(text, words), None, "{text}");
        }
    }
}

#[test]
fn each_form_means_one_word() {
    for words in [&LAYERS, &TCP_IP_LAYERS, &ENDS, &FLAGS, &OPTIONS, &PROTOCOLS, &TRUTH] {
        for (meaning, forms) in words.forms {
            for form in forms.split_whitespace() {
                assert_eq!(normal(form), form);
                assert_eq!(word(form, words), Some(*meaning), "{form}");
            }
        }
    }
}

fn slip(text: impl AsRef<[u8]>, part: &str) -> Message {
    form_text::parse(text.as_ref(), part).expect_err("a slip")
}

#[test]
fn a_slip_is_named_with_its_line() {
    let slips = [
        ("a = \"x\"\nb = udp\n", "line 3: udp has no quotation marks"),
        ("b = 应用层 # why\n", "line 2: 应用层 has no quotation marks"),
        ("b = [\"x\", transport]\n", "line 2: transport has no"),
        ("b = True\n", "line 2: write true"),
        ("b = FALSE\n", "line 2: write false"),
        ("b = \"udp\nc = \"udp\"\n", "line 2: a quotation mark is missing"),
        ("b = udp\"\n", "line 2: a quotation mark is missing"),
        ("b = { from = \"x, flag = \"y\" }\n", "line 2: a quotation mark is missing"),
        ("b = [\"x\" \"y\"]\n", "line 2: a comma is missing after \"x\""),
        ("b = [\n    \"x\",\n    \"y\"\n    \"z\",\n]\n", "line 4: a comma is missing after \"y\""),
        ("b = { from = \"x\" flag = \"y\" }\n", "line 2: a comma is missing after \"x\""),
        ("b = [\"x\", \"y\"\nc = [\"z\"]\n", "line 2: the [ has no ]"),
        ("b = [\"x\", \"y\",\nc = [\"z\"]\n", "line 2: the [ has no ]"),
        ("b = [\"x\", \"y\"\n", "line 2: the [ has no ]"),
        ("b = { from = \"x\", flag = \"y\"\nc = 1\n", "line 2: the { has no }"),
        ("b = \"x\"]\n", "line 2: the ] has no ["),
        ("b \"x\"\n", "line 2: there is no = after b"),
        ("b: \"x\"\n", "line 2: there is no = after b:"),
        ("b : \"x\"\n", "line 2: there is no = after b"),
        ("b = “x”\n", "line 2 has “"),
        ("b = [\"x\"，\"y\"]\n", "line 2 has ，"),
        ("b ＝ \"x\"\n", "line 2 has ＝"),
        ("b = \"x\"\nb = \"y\"\n", "line 3 isn't valid: b = \"y\""),
        ("b =\n", "line 2 isn't valid: b ="),
        ("b = \"x\" \"y\"\n", "line 2 isn't valid"),
    ];
    for (text, expected) in slips {
        let slip = slip(format!("[tcp]\n{text}\n[udp]\nb = \"x\"\n"), "tcp").to_string();
        assert!(slip.starts_with(expected), "{text}{slip}");
    }
    assert!(slip("[tcp\nb = 1\n", "tcp").to_string().starts_with("line 1: the [ has no ]"));
    assert!(slip("tcp]\nb = 1\n", "tcp").to_string().starts_with("line 1: the ] has no ["));
    assert!(slip("［tcp］\nb = 1\n", "tcp").to_string().starts_with("line 1 has ［"));
    assert_eq!(slip("[tcp]\nb = 1\n", "udp").key, "missing-part");
}

#[test]
fn a_slip_leaves_the_other_parts_as_they_are() {
    let good = "[udp]\nb = \"x\" # why\n";
    for slip in
        ["b = x", "b = \"x", "b = [\"x\"", "b = { c = \"x\"", "b = “x", "b = \"\"\"x", "[[", "]"]
    {
        for text in [format!("[tcp]\n{slip}\n{good}"), format!("{good}[tcp]\n{slip}\n")] {
            let answers = form_text::parse(text.as_bytes(), "udp").unwrap();
            assert_eq!(answers["b"].as_str(), Some("x"), "{text}");
        }
    }
}

#[test]
fn other_encodings_cost_only_what_is_not_ascii() {
    // 对 in GBK.
    let gbk = b"# \xb6\xd4\n[tcp]\n# \xb6\xd4\nb = \"T\" # \xb6\xd4\n[udp]\r\nb = \"\xb6\xd4\"\r\n";
    assert_eq!(form_text::parse(gbk, "tcp").unwrap()["b"].as_str(), Some("T"));
    assert!(slip(gbk, "udp").to_string().starts_with("line 6 isn't UTF-8"));
    let utf16: Vec<u8> = "\u{feff}[udp]\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(slip(utf16, "udp").to_string().starts_with("line 1 isn't UTF-8"));
    let bom = "\u{feff}[udp]\r\nb = \"x\"\r\n";
    assert_eq!(form_text::parse(bom.as_bytes(), "udp").unwrap()["b"].as_str(), Some("x"));
}
