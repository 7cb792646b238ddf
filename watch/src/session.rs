//! What each key does, and what each thing does that happens meanwhile.

use std::sync::mpsc::{Receiver, SyncSender};

use anyhow::Result;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use homework::commands::calls::Program;
use homework::commands::{hints, reset};

use crate::frame;
use crate::glyphs::Glyphs;
use crate::message::Message;
use crate::questions::{Done, Questions};
use crate::talk;
use crate::terminal::Terminal;
use crate::watch_mode::{Page, WatchMode};
use crate::work::Worker;

/// An watch at a terminal.
#[derive(Debug)]
pub struct Session {
    pub watch: WatchMode,
    pub signs: Glyphs,
    pub terminal: Terminal,
    pub worker: Worker,
    pub sender: SyncSender<Message>,
    pub messages: Receiver<Message>,
}

/// Whether the watch goes on.
#[derive(Debug, PartialEq, Eq)]
enum Then {
    GoOn,
    Quit,
}

impl Session {
    /// Until somebody quits, or the terminal has gone away.
    ///
    /// # Errors
    ///
    /// The terminal cannot be written to.
    pub fn run(mut self) -> Result<()> {
        let mut waiting = Vec::new();
        loop {
            let frame = frame::draw(&self.watch, self.signs, self.terminal.size());
            self.terminal.show(&frame.lines, frame.cursor)?;
            if waiting.is_empty() {
                let Ok(first) = self.messages.recv() else { return Ok(()) };
                waiting.push(first);
                waiting.extend(self.messages.try_iter());
            }
            for message in std::mem::take(&mut waiting) {
                match message {
                    Message::Key(key) => {
                        if self.press(key, frame.scroll, &mut waiting)? == Then::Quit {
                            return Ok(());
                        }
                    }
                    Message::Gone => return Ok(()),
                    Message::Resized => self.watch.scroll = None,
                    Message::Saved(files) => {
                        self.watch.at_work = true;
                        self.worker.again(files);
                    }
                    Message::AtWork => self.watch.at_work = true,
                    Message::Marked(marked) => self.watch.take(*marked),
                    Message::Beyond(marks) => {
                        self.watch.beyond = Some(*marks);
                        self.watch.at_work = false;
                    }
                    Message::Calls(lines) => {
                        self.watch.at_work = false;
                        if let Page::Calls(shown) = &mut self.watch.page {
                            *shown = Some(lines);
                        }
                    }
                    Message::Trouble(why) => {
                        self.watch.trouble = Some(why);
                        self.watch.at_work = false;
                    }
                    // The last words of a program with which nobody talks any more.
                    Message::Heard(_) => {}
                }
            }
        }
    }

    fn press(
        &mut self,
        key: KeyEvent,
        (scroll, most): (usize, usize),
        waiting: &mut Vec<Message>,
    ) -> Result<Then> {
        self.watch.notice = None;
        if key.modifiers.contains(KeyModifiers::CONTROL) {
            match key.code {
                KeyCode::Char('c' | 'd') => return Ok(Then::Quit),
                KeyCode::Char('z') => self.terminal.stop_for_a_while()?,
                _ => {}
            }
            if !matches!(self.watch.page, Page::Questions(_)) {
                return Ok(Then::GoOn);
            }
        }
        if let Page::Questions(questions) = &mut self.watch.page {
            match questions.press(key, &self.watch.root) {
                Ok(Done::GoesOn) => {}
                Ok(Done::Left) => self.watch.page = Page::Task,
                Err(error) => {
                    self.watch.page = Page::Task;
                    self.watch.notice = Some(common::one_line(&format!("{error:#}")));
                }
            }
            return Ok(Then::GoOn);
        }
        match (&mut self.watch.page, key.code) {
            (Page::Reset(program), KeyCode::Char('y' | 'Y')) => {
                let said = reset::reset(&self.watch.root, program, &self.watch.texts);
                self.watch.notice = Some(said.unwrap_or_else(|error| format!("{error:#}")));
                self.watch.page = Page::Task;
                return Ok(Then::GoOn);
            }
            (Page::Reset(_), _) => self.watch.page = Page::Task,
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
                let next = self.watch.next_task().map(|mark| mark.task.name.clone());
                self.watch.go_to(next);
            }
            (_, KeyCode::Esc | KeyCode::Char('q')) => self.watch.go_to(None),
            (_, KeyCode::Up | KeyCode::Char('k')) => {
                self.watch.scroll = Some(scroll.saturating_sub(1));
            }
            (_, KeyCode::Down | KeyCode::Char('j')) => {
                self.watch.scroll = Some((scroll + 1).min(most));
            }
            (_, KeyCode::PageUp) => self.watch.scroll = Some(scroll.saturating_sub(8)),
            (_, KeyCode::PageDown | KeyCode::Char(' ')) => {
                self.watch.scroll = Some((scroll + 8).min(most));
            }
            (_, KeyCode::Char(letter)) => self.open(letter, waiting)?,
            _ => {}
        }
        let all = self.watch.tasks().len();
        if let Page::List(at) = &mut self.watch.page {
            *at = (*at).min(all.saturating_sub(1));
        }
        Ok(Then::GoOn)
    }

    /// What the letters at the foot do.
    fn open(&mut self, letter: char, waiting: &mut Vec<Message>) -> Result<()> {
        let watch = &mut self.watch;
        match letter {
            'h' => {
                watch.page = Page::Task;
                watch.hints = (watch.hints + 1).min(hints::STEPS);
                watch.scroll = Some(0);
            }
            'l' => {
                let name = watch.task().map(|mark| mark.task.name.clone());
                let at = watch.tasks().iter().position(|task| Some(task) == name.as_ref());
                watch.page = Page::List(at.unwrap_or(0));
            }
            'r' => {
                let first = watch.first_of_task();
                if let Some(file) = first.map(|mark| mark.task.file.clone()) {
                    let program = file.split('/').next().filter(|_| file.ends_with(".rs"));
                    watch.page = Page::Reset(program.unwrap_or(&file).to_owned());
                }
            }
            'a' => match Questions::open(&watch.root) {
                Ok(questions) => watch.page = Page::Questions(questions),
                Err(error) => watch.notice = Some(common::one_line(&format!("{error:#}"))),
            },
            'b' => {
                (watch.page, watch.scroll) = (Page::Beyond, None);
                watch.at_work = true;
                self.worker.beyond();
            }
            'c' => {
                let of_client = watch.task().is_some_and(|mark| mark.task.file.contains("client"));
                let program = if of_client { Program::Client } else { Program::Server };
                (watch.page, watch.scroll) = (Page::Calls(None), None);
                watch.at_work = true;
                self.worker.calls(program);
            }
            't' => match talk::talk(
                &self.watch,
                self.signs,
                &self.terminal,
                &self.sender,
                &self.messages,
            ) {
                Ok(meanwhile) => waiting.extend(meanwhile),
                Err(error) => {
                    self.watch.notice = Some(common::one_line(&format!("{error:#}")));
                    self.terminal.return_to_screen()?;
                }
            },
            _ => {}
        }
        Ok(())
    }

    fn choose(&mut self, at: usize) {
        if let Some(name) = self.watch.tasks().get(at) {
            self.watch.go_to(Some(name.clone()));
        }
    }
}
