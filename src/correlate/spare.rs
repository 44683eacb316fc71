//! Memory of windows that were written, for those that are read next: among many keys nearly every hit wakes one that sleeps again with
//! the next commit, and asking the system for each list of each window took a third of the time.

use super::fed::Fed;
use super::set::Meaning;
use super::state::KeyState;
use super::window::{Item, Window};

/// A list with room for more than this is not kept.
const MOST_ROOM: usize = 64;

/// The room of all that is kept: about what a transaction needs on a busy day, some megabytes.
const MOST_IN_ALL: usize = 1 << 17;

/// Empty states and windows.
#[derive(Debug, Default)]
pub(super) struct Spare {
    states: Vec<KeyState>,
    #[expect(clippy::vec_box, reason = "they come from boxes and go there")]
    windows: Vec<Box<Window>>,
    /// Room of all of them.
    room: usize,
    /// What a hit feeds.
    pub(super) fed: Vec<Fed>,
    /// What it adds to a window.
    pub(super) items: Vec<Item>,
}

impl Spare {
    /// An empty state.
    pub(super) fn state(&mut self) -> KeyState {
        let Some(state) = self.states.pop() else { return KeyState::default() };
        self.room -= 1 + state.room();
        state
    }

    /// An empty window.
    pub(super) fn window(&mut self, meaning: Meaning) -> Box<Window> {
        let new = Window::new(meaning);
        let Some(mut window) = self.windows.pop() else { return Box::new(new) };
        self.room -= room_of(&window);
        let Window { done, items, chains, .. } = std::mem::replace(&mut *window, new);
        (window.done, window.items, window.chains) = (done, items, chains);
        window
    }

    /// Takes a state that is not wanted any more.
    pub(super) fn take(&mut self, mut state: KeyState) {
        for (_, mut window) in state.windows.drain(..) {
            if self.takes(room_of(&window)) {
                window.items.clear();
                window.chains.clear();
                window.done.clear();
                self.windows.push(window);
            }
        }
        if self.takes(1 + state.room()) {
            state.clear();
            self.states.push(state);
        }
    }

    /// Whether something of that room is kept, which then counts.
    fn takes(&mut self, room: usize) -> bool {
        let takes = room <= MOST_ROOM && self.room + room <= MOST_IN_ALL;
        self.room += if takes { room } else { 0 };
        takes
    }
}

fn room_of(window: &Window) -> usize {
    1 + window.items.capacity().max(window.done.capacity()).max(window.chains.capacity())
}
