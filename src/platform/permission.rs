//! Permissions, and which roles hold them. Endpoints name a permission, never a role.

/// What an operation asks of its caller.
pub trait Permission: Send + Sync + 'static {
    /// Its name, as answers and snapshots show it.
    const ID: &'static str;
    /// Its place in a [`Permissions`] set.
    const INDEX: u32;
}

/// A set of permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Permissions(u128);

impl Permissions {
    /// None at all.
    pub const NONE: Self = Self(0);

    /// Whether a permission is in.
    pub fn holds(self, index: u32) -> bool {
        self.0 & (1 << index) != 0
    }

    /// The permissions that both sets hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether the other set holds all that this one holds.
    pub fn within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// The set of these names; unknown names are told.
    pub fn named(names: &[String]) -> Result<Self, String> {
        names.iter().try_fold(Self::NONE, |set, name| {
            let index = ALL.iter().position(|(id, _)| id == name).ok_or_else(|| name.clone())?;
            Ok(Self(set.0 | (1 << index)))
        })
    }

    /// The names of the set.
    pub fn names(self) -> Vec<&'static str> {
        (0..).zip(ALL).filter(|(index, _)| self.holds(*index)).map(|(_, (id, _))| *id).collect()
    }
}

/// What a user is for the cooperative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, poem_openapi::Enum)]
#[oai(rename_all = "snake_case")]
pub enum Role {
    /// Works in their own activities.
    Trainer,
    /// Checks and signs for the cooperative; may override with a reason.
    CoopTraining,
    /// Invoices and funds.
    CoopAccounting,
    /// Evidence and audits.
    CoopQuality,
    /// Users, keys, organisation.
    CoopAdmin,
    /// Reads, until a date.
    Auditor,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] =
        [Self::Trainer, Self::CoopTraining, Self::CoopAccounting, Self::CoopQuality, Self::CoopAdmin, Self::Auditor];

    /// Its name in the database and in the contract.
    pub fn name(self) -> &'static str {
        match self {
            Self::Trainer => "trainer",
            Self::CoopTraining => "coop_training",
            Self::CoopAccounting => "coop_accounting",
            Self::CoopQuality => "coop_quality",
            Self::CoopAdmin => "coop_admin",
            Self::Auditor => "auditor",
        }
    }

    /// The role of that name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Whether the role sees every activity of the cooperative.
    pub fn is_cooperative(self) -> bool {
        self != Self::Trainer
    }

    /// The permissions that come with the role.
    pub fn permissions(self) -> Permissions {
        (0..).zip(ALL).fold(Permissions::NONE, |set, (index, (_, roles))| {
            if roles.contains(&self) { Permissions(set.0 | (1_u128 << index)) } else { set }
        })
    }
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $id:literal: [$($role:ident),*];)*) => {
        permissions!(@types 0; $($(#[$doc])* $name $id;)*);
        /// Every permission, and the roles that hold it.
        pub const ALL: &[(&str, &[Role])] = &[$(($id, &[$(Role::$role),*])),*];
    };
    (@types $index:expr; $(#[$doc:meta])* $name:ident $id:literal; $($rest:tt)*) => {
        $(#[$doc])*
        pub struct $name;
        impl Permission for $name { const ID: &'static str = $id; const INDEX: u32 = $index; }
        permissions!(@types $index + 1; $($rest)*);
    };
    (@types $index:expr;) => {};
}

permissions! {
    /// Read the organisation's facts, texts and signatories.
    OrganisationRead = "organisation.read": [Trainer, CoopTraining, CoopAccounting, CoopQuality, CoopAdmin, Auditor];
    /// Change them.
    OrganisationManage = "organisation.manage": [CoopAdmin, CoopTraining];
    /// Read the activities.
    ActivitiesRead = "activities.read": [Trainer, CoopTraining, CoopAccounting, CoopQuality, CoopAdmin, Auditor];
    /// Open, change, end activities and their memberships.
    ActivitiesManage = "activities.manage": [CoopAdmin];
    /// Read and change users and their keys.
    UsersManage = "users.manage": [CoopAdmin];
    /// Read people.
    PeopleRead = "people.read": [Trainer, CoopTraining, CoopAccounting, CoopQuality, CoopAdmin, Auditor];
    /// Change people.
    PeopleManage = "people.manage": [Trainer, CoopTraining];
    /// Read the trainers' files.
    TrainersRead = "trainers.read": [Trainer, CoopTraining, CoopQuality, CoopAdmin, Auditor];
    /// Change them.
    TrainersManage = "trainers.manage": [Trainer, CoopTraining];
    /// Accredit a trainer on behalf of the cooperative.
    TrainersAccredit = "trainers.accredit": [CoopTraining, CoopQuality];
    /// Read clients.
    ClientsRead = "clients.read": [Trainer, CoopTraining, CoopAccounting, CoopQuality, CoopAdmin, Auditor];
    /// Change clients.
    ClientsManage = "clients.manage": [Trainer, CoopTraining, CoopAccounting];
    /// Read the catalogue.
    ProgrammesRead = "programmes.read": [Trainer, CoopTraining, CoopAccounting, CoopQuality, CoopAdmin, Auditor];
    /// Change the catalogue.
    ProgrammesManage = "programmes.manage": [Trainer, CoopTraining];
    /// Read needs analyses.
    NeedsRead = "needs.read": [Trainer, CoopTraining, CoopQuality, Auditor];
    /// Write needs analyses.
    NeedsManage = "needs.manage": [Trainer];
    /// Read what people need because of a disability.
    AdaptationsRead = "adaptations.read": [Trainer];
    /// Write it.
    AdaptationsManage = "adaptations.manage": [Trainer];
    /// Read quotes.
    QuotesRead = "quotes.read": [Trainer, CoopTraining, CoopAccounting, CoopQuality, CoopAdmin, Auditor];
    /// Write and send quotes.
    QuotesManage = "quotes.manage": [Trainer, CoopTraining];
    /// Read sessions and their half-days.
    SessionsRead = "sessions.read": [Trainer, CoopTraining, CoopAccounting, CoopQuality, CoopAdmin, Auditor];
    /// Plan, move, run and cancel sessions.
    SessionsManage = "sessions.manage": [Trainer, CoopTraining];
    /// Read the sessions that one teaches in another activity.
    TeachingRead = "teaching.read": [Trainer];
    /// Read bookings and enrolments.
    BookingsRead = "bookings.read": [Trainer, CoopTraining, CoopAccounting, CoopQuality, CoopAdmin, Auditor];
    /// Change bookings and enrolments.
    BookingsManage = "bookings.manage": [Trainer, CoopTraining];
    /// Accept or return what a trainer drafted.
    ApprovalsDecide = "approvals.decide": [CoopTraining];
    /// Read agreements.
    AgreementsRead = "agreements.read": [Trainer, CoopTraining, CoopAccounting, CoopQuality, CoopAdmin, Auditor];
    /// Draft, send and record agreements.
    AgreementsManage = "agreements.manage": [Trainer, CoopTraining];
    /// Go past a rule of the law with a reason, on behalf of the cooperative.
    OverridesGrant = "overrides.grant": [CoopTraining];
    /// Read attendance.
    AttendanceRead = "attendance.read": [Trainer, CoopTraining, CoopAccounting, CoopQuality, CoopAdmin, Auditor];
    /// Record attendance and close half-days.
    AttendanceRecord = "attendance.record": [Trainer, CoopTraining];
    /// Confirm a presence that a trainer or a trainee states without a signature of the day.
    AttendanceConfirm = "attendance.confirm": [CoopTraining];
    /// Reopen a closed half-day.
    AttendanceReopen = "attendance.reopen": [Trainer, CoopTraining];
    /// Read evaluations.
    EvaluationsRead = "evaluations.read": [Trainer, CoopTraining, CoopQuality, Auditor];
    /// Record evaluations.
    EvaluationsRecord = "evaluations.record": [Trainer];
    /// Read funding files.
    FundingRead = "funding.read": [Trainer, CoopTraining, CoopAccounting, CoopQuality, CoopAdmin, Auditor];
    /// Change funding files.
    FundingManage = "funding.manage": [Trainer, CoopTraining, CoopAccounting];
    /// Read papers.
    DocumentsRead = "documents.read": [Trainer, CoopTraining, CoopAccounting, CoopQuality, CoopAdmin, Auditor];
    /// Issue papers.
    DocumentsIssue = "documents.issue": [Trainer, CoopTraining];
    /// Issue the papers that the cooperative signs: certificates.
    CertificatesIssue = "certificates.issue": [CoopTraining];
    /// Dress papers: letterheads, added texts, previews.
    PapersDesign = "papers.design": [Trainer, CoopTraining, CoopAdmin];
    /// Read who is asked to sign, who signed, and the evidence.
    SignaturesRead = "signatures.read": [Trainer, CoopTraining, CoopAccounting, CoopQuality, CoopAdmin, Auditor];
    /// Ask for signatures, send again, cancel, write down a signature on paper.
    SignaturesManage = "signatures.manage": [Trainer, CoopTraining];
    /// Sign for the cooperative, by a code that is sent to its signatory.
    SignaturesSign = "signatures.sign": [CoopTraining];
    /// Read files from outside.
    FilesRead = "files.read": [Trainer, CoopTraining, CoopAccounting, CoopQuality, CoopAdmin, Auditor];
    /// Bring files from outside.
    FilesManage = "files.manage": [Trainer, CoopTraining, CoopAccounting, CoopAdmin];
    /// See who holds a personal link.
    LinksRead = "links.read": [Trainer, CoopTraining, CoopAdmin, Auditor];
    /// Make, send again and revoke personal links.
    LinksManage = "links.manage": [Trainer, CoopTraining, CoopAdmin];
    /// Receive the trainees' personal links in an answer: whoever has them could sign in the trainees' place.
    LinksAnswer = "links.answer": [CoopTraining, CoopAdmin];
    /// Read the mails that went and those that are planned.
    MessagesRead = "messages.read": [Trainer, CoopTraining, CoopAccounting, CoopQuality, CoopAdmin, Auditor];
    /// Send mails.
    MessagesSend = "messages.send": [Trainer, CoopTraining, CoopAccounting];
    /// Read the audit.
    AuditRead = "audit.read": [CoopTraining, CoopQuality, CoopAdmin, Auditor];
    /// See and revive the jobs of the worker.
    JobsManage = "jobs.manage": [CoopAdmin];
    /// Replace one's own key by its successor.
    OwnRotate = "own.rotate": [Trainer, CoopTraining, CoopAccounting, CoopQuality, CoopAdmin];
    /// Read who one is and what one's key opens.
    OwnRead = "own.read": [Trainer, CoopTraining, CoopAccounting, CoopQuality, CoopAdmin, Auditor];
}
