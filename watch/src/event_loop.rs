//! The event loop: draws the screen, and handles keys and the events of other threads.

use std::sync::mpsc::{Receiver, SyncSender};

use anyhow::Result;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use homework::commands::{hints, reset};
use homework::grading::submission::TcpProgram;

use crate::app_state::{AppState, Page};
use crate::background_jobs::{Job, TestRunner};
use crate::glyphs::Glyphs;
use crate::interactive_session;
use crate::questions::Questions;
use crate::screen_layout;
use crate::tui_terminal::Terminal;
use crate::watch_event::WatchEvent;

const PAGE: usize = 8;

#[derive(Debug)]
pub struct EventLoop {
    pub app: AppState,
    pub glyphs: Glyphs,
    pub terminal: Terminal,
    pub runner: TestRunner,
    pub sender: SyncSender<WatchEvent>,
    pub events: Receiver<WatchEvent>,
}

impl EventLoop {
    /// Runs until the student quits or the terminal is closed.
    pub fn run(mut self) -> Result<()> {
        // Events that arrived during an interactive session.
        let mut pending = Vec::new();
        loop {
            let frame = screen_layout::draw(&self.app, self.glyphs, self.terminal.size());
            self.terminal.draw(&frame.lines, frame.cursor)?;
            if pending.is_empty() {
                let Ok(first) = self.events.recv() else { return Ok(()) };
                pending.push(first);
                pending.extend(self.events.try_iter());
            }
            for event in std::mem::take(&mut pending) {
                match event {
                    WatchEvent::Key(key) => {
                        if !self.handle_key(key, frame.scroll, &mut pending)? {
                            return Ok(());
                        }
                    }
                    WatchEvent::TerminalClosed => return Ok(()),
                    WatchEvent::Resized => self.app.scroll = None,
                    WatchEvent::FilesChanged(files) => {
                        self.app.is_busy = true;
                        self.runner.add(Job::Grade(files));
                    }
                    WatchEvent::BuildStarted => self.app.is_busy = true,
                    WatchEvent::Graded(graded) => self.app.update(*graded),
                    WatchEvent::ExtraCreditGraded(marks) => {
                        (self.app.extra_credit, self.app.is_busy) = (Some(*marks), false);
                    }
                    WatchEvent::CallsTraced(lines) => {
                        self.app.is_busy = false;
                        if let Page::Calls(shown) = &mut self.app.page {
                            *shown = Some(lines);
                        }
                    }
                    WatchEvent::Failed(error) => {
                        (self.app.error, self.app.is_busy) = (Some(error), false);
                    }
                    // The last output of programs whose session is over.
                    WatchEvent::Session(_) => {}
                }
            }
        }
    }

    /// Handles a key. Returns whether watch mode goes on.
    fn handle_key(
        &mut self,
        key: KeyEvent,
        (scroll, max_scroll): (usize, usize),
        pending: &mut Vec<WatchEvent>,
    ) -> Result<bool> {
        let app = &mut self.app;
        app.notice = None;
        if key.modifiers.contains(KeyModifiers::CONTROL) {
            match key.code {
                KeyCode::Char('c' | 'd') => return Ok(false),
                KeyCode::Char('z') => self.terminal.suspend()?,
                _ => {}
            }
            if !matches!(app.page, Page::Questions(_)) {
                return Ok(true);
            }
        }
        match (&mut app.page, key.code) {
            (Page::Questions(questions), _) => match questions.handle_key(key, &app.root) {
                Ok(true) => {}
                Ok(false) => app.page = Page::Task,
                Err(error) => {
                    app.page = Page::Task;
                    app.show_error(error);
                }
            },
            (Page::Reset(program), KeyCode::Char('y' | 'Y')) => {
                match reset::reset(&app.root, program, &app.messages) {
                    Ok(notice) => app.notice = Some(notice),
                    Err(error) => app.show_error(error),
                }
                app.page = Page::Task;
            }
            (Page::Reset(_), _) => app.page = Page::Task,
            (Page::List(selected), KeyCode::Up | KeyCode::Char('k')) => {
                *selected = selected.saturating_sub(1);
            }
            (Page::List(selected), KeyCode::Down | KeyCode::Char('j')) => {
                let next = *selected + 1;
                app.page = Page::List(next.min(app.tasks().len().saturating_sub(1)));
            }
            (Page::List(index), KeyCode::Enter) => {
                let index = *index;
                app.show_task_at(index);
            }
            (Page::List(_), KeyCode::Char(digit @ '1'..='9')) => {
                app.show_task_at(digit as usize - '1' as usize);
            }
            (Page::Task, KeyCode::Char('q')) => return Ok(false),
            (Page::Task, KeyCode::Enter | KeyCode::Char('n')) => {
                let next = app.next_task().map(|mark| mark.task.name.clone());
                app.show_task(next);
            }
            (_, KeyCode::Esc | KeyCode::Char('q')) => app.show_task(None),
            (_, KeyCode::Up | KeyCode::Char('k')) => app.scroll = Some(scroll.saturating_sub(1)),
            (_, KeyCode::Down | KeyCode::Char('j')) => app.scroll = Some(scroll + 1),
            (_, KeyCode::PageUp) => app.scroll = Some(scroll.saturating_sub(PAGE)),
            (_, KeyCode::PageDown | KeyCode::Char(' ')) => app.scroll = Some(scroll + PAGE),
            (_, KeyCode::Char(letter)) => self.handle_letter(letter, pending)?,
            _ => {}
        }
        self.app.scroll = self.app.scroll.map(|scroll| scroll.min(max_scroll));
        Ok(true)
    }

    /// Handles the letters that the bottom line offers.
    fn handle_letter(&mut self, letter: char, pending: &mut Vec<WatchEvent>) -> Result<()> {
        let app = &mut self.app;
        match letter {
            'h' => {
                app.page = Page::Task;
                app.hints = (app.hints + 1).min(hints::STEPS);
                app.scroll = Some(0);
            }
            'l' => {
                let current = app.task().map(|mark| &mark.task.name);
                let at = app.tasks().iter().position(|mark| Some(&mark.task.name) == current);
                app.page = Page::List(at.unwrap_or(0));
            }
            'r' => {
                if let Some(file) = app.task_to_do().map(|mark| mark.task.file.clone()) {
                    let program = file.split('/').next().filter(|_| file.ends_with(".rs"));
                    app.page = Page::Reset(program.unwrap_or(&file).to_owned());
                }
            }
            'a' => match Questions::open(&app.root) {
                Ok(questions) => app.page = Page::Questions(questions),
                Err(error) => app.show_error(error),
            },
            'e' => {
                (app.page, app.scroll, app.is_busy) = (Page::ExtraCredit, None, true);
                self.runner.add(Job::ExtraCredit);
            }
            'c' => {
                let is_client = app.task().is_some_and(|mark| mark.task.file.contains("client"));
                let program = if is_client { TcpProgram::Client } else { TcpProgram::Server };
                (app.page, app.scroll, app.is_busy) = (Page::Calls(None), None, true);
                self.runner.add(Job::TraceCalls(program));
            }
            't' => {
                let EventLoop { app, glyphs, terminal, sender, events, .. } = &*self;
                match interactive_session::run(app, *glyphs, terminal, sender, events) {
                    Ok(deferred) => pending.extend(deferred),
                    Err(error) => self.app.show_error(error),
                }
            }
            _ => {}
        }
        Ok(())
    }
}
