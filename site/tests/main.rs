//! Opens generated pages in a headless Chromium and checks what a reader would see: the site, the
//! page of `day01-packets --html`, and the report of `homework grade --report`.
//!
//! Needs Chromium and its chromedriver in `PATH` (Debian: `apt install chromium chromium-driver`).

mod browser;
mod browser_self_tests;
mod chromedriver;
mod diagram_parser;
mod http_server;
mod packets_page;
mod report_pages;
mod site_pages;
