//! What a key may hand on: never more permissions, more activities or more time than it has itself.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::permission::{Permissions, Role};

/// The bounds of a key, which bound whatever it makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The permissions it is narrowed to; none of the kind when it has all those of its user's role.
    pub permissions: Option<Permissions>,
    /// The activities it is narrowed to; absent when it has all those of its user.
    pub activities: Option<Vec<Uuid>>,
    /// When it ends, or its user's access if that is sooner; absent for the program's commands.
    pub ends_at: Option<DateTime<Utc>>,
    /// Whether what it makes may be prolonged: its end was not chosen by somebody.
    pub renewable: bool,
}

impl Grant {
    /// The program's own commands and worker: no bounds.
    pub const WHOLE: Self = Self { permissions: None, activities: None, ends_at: None, renewable: true };

    /// Whoever holds no key: nothing to hand on.
    pub fn nothing() -> Self {
        Self { permissions: Some(Permissions::NONE), activities: Some(vec![]), ends_at: None, renewable: false }
    }

    /// Whether somebody of this role, with a key that is not narrowed, could do nothing that a narrowed maker cannot.
    pub fn covers(&self, role: Role) -> bool {
        self.permissions.is_none_or(|mine| role.permissions().within(mine))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrowed_key_raises_nobody_above_itself() {
        let narrowed = Grant { permissions: Some(Role::CoopQuality.permissions()), ..Grant::WHOLE };
        assert!(Grant::WHOLE.covers(Role::CoopTraining));
        assert!(narrowed.covers(Role::CoopQuality));
        assert!(!narrowed.covers(Role::CoopAdmin) && !narrowed.covers(Role::Trainer));
        assert!(!Grant::nothing().covers(Role::Auditor));
    }
}
