//! What each key does, and what each thing does that happens meanwhile.

use std::sync::mpsc::{Receiver, SyncSender};

use anyhow::Result;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use homework::commands::calls::Program;
use homework::commands::{hints, reset};

use crate::app_state::{AppState, Page};
use crate::glyphs::Glyphs;
use crate::interactive_session;
use crate::questions::{Done, Questions};
use crate::screen_layout;
use crate::test_runner::TestRunner;
use crate::tui_terminal::Terminal;
use crate::watch_event::WatchEvent;

/// An watch at a terminal.
#[derive(Debug)]
pub struct EventLoop {
    pub app: AppState,
    pub glyphs: Glyphs,
    pub terminal: Terminal,
    pub runner: TestRunner,
    pub sender: SyncSender<WatchEvent>,
    pub events: Receiver<WatchEvent>,
}

/// Whether the watch goes on.
#[derive(Debug, PartialEq, Eq)]
enum Then {
    GoOn,
    Quit,
}

impl EventLoop {
    /// Until somebody quits, or the terminal has gone away.
    ///
    /// # Errors
    ///
    /// The terminal cannot be written to.
    pub fn run(mut self) -> Result<()> {
        let mut waiting = Vec::new();
        loop {
            let frame = screen_layout::draw(&self.app, self.glyphs, self.terminal.size());
            self.terminal.show(&frame.lines, frame.cursor)?;
            if waiting.is_empty() {
                let Ok(first) = self.events.recv() else { return Ok(()) };
                waiting.push(first);
                waiting.extend(self.events.try_iter());
            }
            for message in std::mem::take(&mut waiting) {
                match message {
                    WatchEvent::Key(key) => {
                        if self.press(key, frame.scroll, &mut waiting)? == Then::Quit {
                            return Ok(());
                        }
                    }
                    WatchEvent::Gone => return Ok(()),
                    WatchEvent::Resized => self.app.scroll = None,
                    WatchEvent::Saved(files) => {
                        self.app.at_work = true;
                        self.runner.again(files);
                    }
                    WatchEvent::AtWork => self.app.at_work = true,
                    WatchEvent::Marked(marked) => self.app.take(*marked),
                    WatchEvent::Beyond(marks) => {
                        self.app.beyond = Some(*marks);
                        self.app.at_work = false;
                    }
                    WatchEvent::Calls(lines) => {
                        self.app.at_work = false;
                        if let Page::Calls(shown) = &mut self.app.page {
                            *shown = Some(lines);
                        }
                    }
                    WatchEvent::Trouble(why) => {
                        self.app.trouble = Some(why);
                        self.app.at_work = false;
                    }
                    // The last words of a program with which nobody talks any more.
                    WatchEvent::SessionEvent(_) => {}
                }
            }
        }
    }

    fn press(
        &mut self,
        key: KeyEvent,
        (scroll, most): (usize, usize),
        waiting: &mut Vec<WatchEvent>,
    ) -> Result<Then> {
        self.app.notice = None;
        if key.modifiers.contains(KeyModifiers::CONTROL) {
            match key.code {
                KeyCode::Char('c' | 'd') => return Ok(Then::Quit),
                KeyCode::Char('z') => self.terminal.stop_for_a_while()?,
                _ => {}
            }
            if !matches!(self.app.page, Page::Questions(_)) {
                return Ok(Then::GoOn);
            }
        }
        if let Page::Questions(questions) = &mut self.app.page {
            match questions.press(key, &self.app.root) {
                Ok(Done::GoesOn) => {}
                Ok(Done::Left) => self.app.page = Page::Task,
                Err(error) => {
                    self.app.page = Page::Task;
                    self.app.notice = Some(common::one_line(&format!("{error:#}")));
                }
            }
            return Ok(Then::GoOn);
        }
        match (&mut self.app.page, key.code) {
            (Page::Reset(program), KeyCode::Char('y' | 'Y')) => {
                let said = reset::reset(&self.app.root, program, &self.app.messages);
                self.app.notice = Some(said.unwrap_or_else(|error| format!("{error:#}")));
                self.app.page = Page::Task;
                return Ok(Then::GoOn);
            }
            (Page::Reset(_), _) => self.app.page = Page::Task,
            (Page::List(at), KeyCode::Up | KeyCode::Char('k')) => *at = at.saturating_sub(1),
            (Page::List(at), KeyCode::Down | KeyCode::Char('j')) => *at += 1,
            (Page::List(at), KeyCode::Enter) => {
                let at = *at;
                self.choose(at);
            }
            (Page::List(_), KeyCode::Char(digit @ '1'..='9')) => {
                self.choose(digit as usize - '1' as usize);
            }
            (Page::Task, KeyCode::Char('q')) => return Ok(Then::Quit),
            (Page::Task, KeyCode::Enter | KeyCode::Char('n')) => {
                let next = self.app.next_task().map(|mark| mark.task.name.clone());
                self.app.go_to(next);
            }
            (_, KeyCode::Esc | KeyCode::Char('q')) => self.app.go_to(None),
            (_, KeyCode::Up | KeyCode::Char('k')) => {
                self.app.scroll = Some(scroll.saturating_sub(1));
            }
            (_, KeyCode::Down | KeyCode::Char('j')) => {
                self.app.scroll = Some((scroll + 1).min(most));
            }
            (_, KeyCode::PageUp) => self.app.scroll = Some(scroll.saturating_sub(8)),
            (_, KeyCode::PageDown | KeyCode::Char(' ')) => {
                self.app.scroll = Some((scroll + 8).min(most));
            }
            (_, KeyCode::Char(letter)) => self.open(letter, waiting)?,
            _ => {}
        }
        let all = self.app.tasks().len();
        if let Page::List(at) = &mut self.app.page {
            *at = (*at).min(all.saturating_sub(1));
        }
        Ok(Then::GoOn)
    }

    /// What the letters at the foot do.
    fn open(&mut self, letter: char, waiting: &mut Vec<WatchEvent>) -> Result<()> {
        let app = &mut self.app;
        match letter {
            'h' => {
                app.page = Page::Task;
                app.hints = (app.hints + 1).min(hints::STEPS);
                app.scroll = Some(0);
            }
            'l' => {
                let name = app.task().map(|mark| mark.task.name.clone());
                let at = app.tasks().iter().position(|task| Some(task) == name.as_ref());
                app.page = Page::List(at.unwrap_or(0));
            }
            'r' => {
                let first = app.first_of_task();
                if let Some(file) = first.map(|mark| mark.task.file.clone()) {
                    let program = file.split('/').next().filter(|_| file.ends_with(".rs"));
                    app.page = Page::Reset(program.unwrap_or(&file).to_owned());
                }
            }
            'a' => match Questions::open(&app.root) {
                Ok(questions) => app.page = Page::Questions(questions),
                Err(error) => app.notice = Some(common::one_line(&format!("{error:#}"))),
            },
            'b' => {
                (app.page, app.scroll) = (Page::Beyond, None);
                app.at_work = true;
                self.runner.beyond();
            }
            'c' => {
                let of_client = app.task().is_some_and(|mark| mark.task.file.contains("client"));
                let program = if of_client { Program::Client } else { Program::Server };
                (app.page, app.scroll) = (Page::Calls(None), None);
                app.at_work = true;
                self.runner.calls(program);
            }
            't' => match interactive_session::talk(
                &self.app,
                self.glyphs,
                &self.terminal,
                &self.sender,
                &self.events,
            ) {
                Ok(meanwhile) => waiting.extend(meanwhile),
                Err(error) => {
                    self.app.notice = Some(common::one_line(&format!("{error:#}")));
                    self.terminal.return_to_screen()?;
                }
            },
            _ => {}
        }
        Ok(())
    }

    fn choose(&mut self, at: usize) {
        if let Some(name) = self.app.tasks().get(at) {
            self.app.go_to(Some(name.clone()));
        }
    }
}
