//! What each key does, and what each thing does that happens meanwhile.

use std::sync::mpsc::{Receiver, SyncSender};

use anyhow::Result;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use homework::student::calls::Program;
use homework::student::{hints, reset};

use crate::evening::{Evening, Page};
use crate::frame;
use crate::message::Message;
use crate::questions::{Done, Questions};
use crate::signs::Signs;
use crate::talk;
use crate::terminal::Terminal;
use crate::work::Worker;

/// An evening at a terminal.
#[derive(Debug)]
pub struct Session {
    pub evening: Evening,
    pub signs: Signs,
    pub terminal: Terminal,
    pub worker: Worker,
    pub sender: SyncSender<Message>,
    pub messages: Receiver<Message>,
}

/// Whether the evening goes on.
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
            let frame = frame::draw(&self.evening, self.signs, self.terminal.size());
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
                    Message::Resized => self.evening.scroll = None,
                    Message::Saved(files) => {
                        self.evening.at_work = true;
                        self.worker.again(files);
                    }
                    Message::AtWork => self.evening.at_work = true,
                    Message::Marked(marked) => self.evening.take(*marked),
                    Message::Beyond(marks) => {
                        self.evening.beyond = Some(*marks);
                        self.evening.at_work = false;
                    }
                    Message::Calls(lines) => {
                        self.evening.at_work = false;
                        if let Page::Calls(shown) = &mut self.evening.page {
                            *shown = Some(lines);
                        }
                    }
                    Message::Trouble(why) => {
                        self.evening.trouble = Some(why);
                        self.evening.at_work = false;
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
        self.evening.notice = None;
        if key.modifiers.contains(KeyModifiers::CONTROL) {
            match key.code {
                KeyCode::Char('c' | 'd') => return Ok(Then::Quit),
                KeyCode::Char('z') => self.terminal.stop_for_a_while()?,
                _ => {}
            }
            if !matches!(self.evening.page, Page::Questions(_)) {
                return Ok(Then::GoOn);
            }
        }
        if let Page::Questions(questions) = &mut self.evening.page {
            match questions.press(key, &self.evening.root) {
                Ok(Done::GoesOn) => {}
                Ok(Done::Left) => self.evening.page = Page::Task,
                Err(error) => {
                    self.evening.page = Page::Task;
                    self.evening.notice = Some(lesson::one_line(&format!("{error:#}")));
                }
            }
            return Ok(Then::GoOn);
        }
        match (&mut self.evening.page, key.code) {
            (Page::Reset(program), KeyCode::Char('y' | 'Y')) => {
                let said = reset::reset(&self.evening.root, program, &self.evening.texts);
                self.evening.notice = Some(said.unwrap_or_else(|error| format!("{error:#}")));
                self.evening.page = Page::Task;
                return Ok(Then::GoOn);
            }
            (Page::Reset(_), _) => self.evening.page = Page::Task,
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
                let next = self.evening.next_task().map(|mark| mark.task.name.clone());
                self.evening.go_to(next);
            }
            (_, KeyCode::Esc | KeyCode::Char('q')) => self.evening.go_to(None),
            (_, KeyCode::Up | KeyCode::Char('k')) => {
                self.evening.scroll = Some(scroll.saturating_sub(1));
            }
            (_, KeyCode::Down | KeyCode::Char('j')) => {
                self.evening.scroll = Some((scroll + 1).min(most));
            }
            (_, KeyCode::PageUp) => self.evening.scroll = Some(scroll.saturating_sub(8)),
            (_, KeyCode::PageDown | KeyCode::Char(' ')) => {
                self.evening.scroll = Some((scroll + 8).min(most));
            }
            (_, KeyCode::Char(letter)) => self.open(letter, waiting)?,
            _ => {}
        }
        let all = self.evening.tasks().len();
        if let Page::List(at) = &mut self.evening.page {
            *at = (*at).min(all.saturating_sub(1));
        }
        Ok(Then::GoOn)
    }

    /// What the letters at the foot do.
    fn open(&mut self, letter: char, waiting: &mut Vec<Message>) -> Result<()> {
        let evening = &mut self.evening;
        match letter {
            'h' => {
                evening.page = Page::Task;
                evening.hints = (evening.hints + 1).min(hints::STEPS);
                evening.scroll = Some(0);
            }
            'l' => {
                let name = evening.task().map(|mark| mark.task.name.clone());
                let at = evening.tasks().iter().position(|task| Some(task) == name.as_ref());
                evening.page = Page::List(at.unwrap_or(0));
            }
            'r' => {
                let first = evening.first_of_task();
                if let Some(file) = first.map(|mark| mark.task.file.clone()) {
                    let program = file.split('/').next().filter(|_| file.ends_with(".rs"));
                    evening.page = Page::Reset(program.unwrap_or(&file).to_owned());
                }
            }
            'a' => match Questions::open(&evening.root) {
                Ok(questions) => evening.page = Page::Questions(questions),
                Err(error) => evening.notice = Some(lesson::one_line(&format!("{error:#}"))),
            },
            'b' => {
                (evening.page, evening.scroll) = (Page::Beyond, None);
                evening.at_work = true;
                self.worker.beyond();
            }
            'c' => {
                let of_client =
                    evening.task().is_some_and(|mark| mark.task.file.contains("client"));
                let program = if of_client { Program::Client } else { Program::Server };
                (evening.page, evening.scroll) = (Page::Calls(None), None);
                evening.at_work = true;
                self.worker.calls(program);
            }
            't' => match talk::talk(
                &self.evening,
                self.signs,
                &self.terminal,
                &self.sender,
                &self.messages,
            ) {
                Ok(meanwhile) => waiting.extend(meanwhile),
                Err(error) => {
                    self.evening.notice = Some(lesson::one_line(&format!("{error:#}")));
                    self.terminal.return_to_screen()?;
                }
            },
            _ => {}
        }
        Ok(())
    }

    fn choose(&mut self, at: usize) {
        if let Some(name) = self.evening.tasks().get(at) {
            self.evening.go_to(Some(name.clone()));
        }
    }
}
