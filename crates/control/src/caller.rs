//! Somebody in an org, and what they may do there.

use std::sync::Arc;

use jiff::tz::TimeZone;
use plinth_model::permission::Kind;
use plinth_model::{ActorKind, Authority, Permission, Role, Scope, Signals};
use plinth_policy::view::Principal;
use plinth_policy::vocabulary::PrincipalKind;
use plinth_policy::{Demand, Explanation, Question, explain};
use plinth_store::resource::Search;
use serde_json::{Value, json};

use crate::Control;
use crate::access::{self, Access, Reach};
use crate::error::{Code, ControlError, Refusal, Result};
use crate::grant::OWNERS_ONLY;
use crate::standing::{Somebody, Standing, flat};
use crate::zone;

/// A principal that has been let into an org.
#[derive(Debug, Clone)]
pub struct Caller {
    pub scope: Scope,
    pub roles: Vec<Role>,
    access: Arc<Access>,
    /// Its view, and what it is and belongs to.
    principal: Arc<Value>,
    memberships: Arc<[String]>,
    /// The circumstances, as in the scope.
    context: Arc<Value>,
    /// Where the clocks of the org are.
    pub(crate) zone: TimeZone,
}

impl Caller {
    /// The scope's actor, with this standing in the org.
    ///
    /// # Errors
    /// As the look at the org's policies.
    pub async fn new(control: &Control, scope: Scope, standing: Standing, email: Option<&str>) -> Result<Self> {
        let access = access::of_org(control, &scope).await?;
        let zone = zone::of_org(control, &scope).await?;
        let context = Arc::new(serde_json::from_str(&scope.context).unwrap_or(Value::Null));
        Ok(Self::bound(scope, access, (context, zone), standing, email))
    }

    fn bound(
        scope: Scope,
        access: Arc<Access>,
        (context, zone): (Arc<Value>, TimeZone),
        standing: Standing,
        email: Option<&str>,
    ) -> Self {
        let kind = match scope.actor.kind {
            ActorKind::ServiceAccount => PrincipalKind::ServiceAccount,
            _ => PrincipalKind::User,
        };
        let principal = Principal {
            kind,
            id: scope.actor.id.clone(),
            name: scope.actor.name.clone(),
            email: email.map(str::to_owned),
            roles: standing.roles.iter().map(|role| role.as_str().to_owned()).collect(),
            groups: standing.groups,
            attributes: standing.attributes,
        };
        Self {
            roles: standing.roles,
            access,
            memberships: principal.memberships().into(),
            principal: Arc::new(principal.view()),
            context,
            zone,
            scope,
        }
    }

    /// The caller as one who can be talked about.
    pub(crate) fn as_somebody(&self) -> Somebody {
        let of_principal = |name: &str| self.principal.get(name).cloned();
        let groups = self.memberships.iter().filter_map(|uid| uid.strip_prefix("Group::"));
        Somebody {
            actor: self.scope.actor.clone(),
            email: of_principal("email").and_then(|email| email.as_str().map(str::to_owned)),
            standing: Standing {
                roles: self.roles.clone(),
                groups: groups.map(str::to_owned).collect(),
                attributes: flat(of_principal("attributes").unwrap_or_default()),
            },
        }
    }

    /// Somebody of the same org, to be talked about: what they could do by these policies, as things are in `context`.
    /// What such an answer needs of the database is read as who asks, never as them.
    pub(crate) fn talk_about(&self, who: &Somebody, access: &Arc<Access>, context: Value) -> Self {
        let scope = Scope::new(
            who.actor.clone(),
            self.scope.org,
            self.scope.request_id.clone(),
            Signals::default(),
        );
        let standing = who.standing.clone();
        Self::bound(
            scope,
            Arc::clone(access),
            (Arc::new(context), self.zone.clone()),
            standing,
            who.email.as_deref(),
        )
    }

    /// The same caller, in other circumstances; as [`Caller::talk_about`].
    pub(crate) fn supposing(&self, context: Value) -> Self {
        Self {
            context: Arc::new(context),
            ..self.clone()
        }
    }

    /// The same caller by other policies; as [`Caller::talk_about`].
    pub(crate) fn by(&self, access: &Arc<Access>) -> Self {
        Self {
            access: Arc::clone(access),
            ..self.clone()
        }
    }

    pub(crate) fn access(&self) -> &Arc<Access> {
        &self.access
    }

    /// How far an action is open to the caller.
    pub fn reach(&self, kind: Kind<'_>, action: &str) -> Reach {
        self.reach_of(&Permission::new(kind, action).to_string())
    }

    /// No policy can take the policies out of the hands of an owner: somebody has to be able to mend them.
    pub(crate) fn is_exempt(&self, action: &str) -> bool {
        self.roles.contains(&Role::Owner) && (action.starts_with("policies:") || action == "org:view")
    }

    pub(crate) fn reach_of(&self, action: &str) -> Reach {
        // What the control plane does by itself is bound to the org alone.
        if self.scope.authority == Authority::Plinth || self.scope.actor.kind == ActorKind::System {
            return Reach::Everything;
        }
        if self.is_exempt(action) {
            return Reach::Everything;
        }
        let (kind, memberships) = self.belongs();
        self.access.reach(kind, &memberships, action)
    }

    /// The entity type, and what the caller is or belongs to.
    pub(crate) fn belongs(&self) -> (&str, Vec<&str>) {
        let kind = self.memberships.first().and_then(|uid| uid.split_once("::"));
        let memberships = self.memberships.iter().map(String::as_str).collect();
        (kind.map_or("", |(kind, _)| kind), memberships)
    }

    /// How to look for the resources that the caller may see.
    pub(crate) fn search(&self, plural: &str) -> Search {
        if self.reach(Kind::Resources(plural), "view") != Reach::Depends {
            return Search::AllRows;
        }
        let (kind, memberships) = self.belongs();
        match self.access.is_labelled((kind, &memberships), &format!("{plural}:view")) {
            true => Search::Labelled,
            false => Search::AllRows,
        }
    }

    /// Whether there could be anything that the caller may do this to.
    pub fn may(&self, kind: Kind<'_>, action: &str) -> bool {
        self.reach(kind, action) != Reach::Nothing
    }

    /// All actions that there could be something to do to for the caller, kind by kind.
    pub fn permitted(&self) -> impl Iterator<Item = Permission<'_>> {
        let kinds = self.access.vocabulary().kinds().iter();
        let all = kinds.flat_map(|kind| {
            let of = Kind::named(&kind.name);
            // What nobody sees is not written, either.
            let open = !kind.is_resource || self.may(of, "view");
            let actions = kind.actions.iter().filter(move |_| open);
            actions.map(move |action| Permission::new(of, action))
        });
        all.filter(|permission| self.may(permission.kind, permission.action))
    }

    /// For what is done to the kind as a whole, under the circumstances as they are.
    ///
    /// # Errors
    /// As [`Caller::require_on`].
    pub fn require(&self, kind: Kind<'_>, action: &str) -> Result<()> {
        self.require_on(kind, action, || self.view_of_all(kind))
    }

    /// For what is judged thing by thing afterwards.
    ///
    /// # Errors
    /// `forbidden`, naming the permission, when there is nothing that the caller may do this to. The caller may know of
    /// it, since it is a member of the org.
    pub fn require_some(&self, kind: Kind<'_>, action: &str) -> Result<()> {
        if self.may(kind, action) {
            return Ok(());
        }
        Err(self.not_granted(Permission::new(kind, action), None))
    }

    fn not_granted(&self, permission: Permission<'_>, view: Option<Value>) -> ControlError {
        let name = permission.to_string();
        let who = who_helps(&name);
        let detail = match self.forbidding(&name, self) {
            Some(by) => format!("{by} forbids you `{permission}`; {who} can change that"),
            None => format!("no role or policy of yours grants `{permission}`; {who} can give you one that does"),
        };
        self.forbidden(permission, detail, view)
    }

    /// What forbids the action whatever it is done to, in words, as the asker may know it.
    pub(crate) fn forbidding(&self, action: &str, asker: &Self) -> Option<String> {
        let (kind, memberships) = self.belongs();
        let (seen, hidden): (Vec<&str>, Vec<&str>) = self
            .access
            .forbidding((kind, &memberships), action)
            .partition(|policy| asker.may_know(policy));
        match (seen.first(), hidden.first()) {
            (Some(name), _) => Some(format!("the policy `{name}`")),
            (None, Some(_)) => Some("a policy of the org".to_owned()),
            (None, None) => None,
        }
    }

    /// Whether the caller may know of a policy, and what it says, by the name under which it decides.
    fn may_know(&self, policy: &str) -> bool {
        self.permits(Kind::Policies, "view", || match self.access.id_of(policy) {
            Some(id) => self.view_of(Kind::Policies, &id.to_string(), json!({"name": policy})),
            // The product's roles are for whoever may see policies as such.
            None => self.view_of_all(Kind::Policies),
        })
    }

    fn forbidden(&self, permission: Permission<'_>, detail: String, view: Option<Value>) -> ControlError {
        let refusal = Refusal {
            org: self.scope.org,
            actor: self.scope.actor.clone(),
            action: permission.to_string(),
            view,
            context: Arc::clone(&self.context),
        };
        ControlError {
            permission: Some(permission.to_string().into()),
            cause: Some(Box::new(refusal)),
            ..ControlError::new(Code::Forbidden, detail)
        }
    }

    /// Whether the caller may do this to something, whose view is made only when it matters.
    pub fn permits(&self, kind: Kind<'_>, action: &str, view: impl FnOnce() -> Value) -> bool {
        let name = Permission::new(kind, action).to_string();
        match self.reach_of(&name) {
            Reach::Nothing => false,
            Reach::Everything => true,
            Reach::Depends => self.decide(&name, &view()),
        }
    }

    pub(crate) fn decide(&self, action: &str, view: &Value) -> bool {
        // What cannot even be asked is not permitted.
        self.access
            .decider
            .permits(self.question(action, view))
            .unwrap_or(false)
    }

    /// # Errors
    /// `forbidden`, naming the permission and the policies that decided.
    pub fn require_on(&self, kind: Kind<'_>, action: &str, view: impl FnOnce() -> Value) -> Result<()> {
        let permission = Permission::new(kind, action);
        let name = permission.to_string();
        let view = match self.reach_of(&name) {
            Reach::Everything => return Ok(()),
            Reach::Nothing => return Err(self.not_granted(permission, Some(view()))),
            Reach::Depends => view(),
        };
        if self.decide(&name, &view) {
            return Ok(());
        }
        let why = match self.explain(&name, &view, self) {
            Some(reasons) => reasons.summary,
            None => format!("the policies of the org do not let you do `{permission}` to this"),
        };
        let detail = format!("{why}; {} can change that", who_helps(&name));
        Err(self.forbidden(permission, detail, Some(view)))
    }

    /// For a resource that is written: the caller must be permitted to do so as it becomes, and to see it then. The database
    /// asks both of the row.
    ///
    /// # Errors
    /// `forbidden`, naming the permission that is missing.
    pub fn require_to_write(&self, plural: &str, action: &str, view: impl Fn() -> Value) -> Result<()> {
        let kind = Kind::Resources(plural);
        self.require_on(kind, action, &view)?;
        let unseen = |mut refused: ControlError| {
            refused.detail = format!("{UNSEEN}: {}", refused.detail);
            let asked = Permission::new(kind, action).to_string();
            if let Some(refusal) = refused.refusal().cloned() {
                refused.cause = Some(Box::new(Refusal {
                    action: asked,
                    ..refusal
                }));
            }
            refused
        };
        self.require_on(kind, "view", view).map_err(unseen)
    }

    /// Why the caller may, or may not, as far as the asker may know the policies; `None` for those who may see none, and
    /// for what cannot be asked.
    pub(crate) fn explain(&self, action: &str, view: &Value, asker: &Self) -> Option<Explanation> {
        if !asker.may(Kind::Policies, "view") {
            return None;
        }
        let question = self.question(action, view);
        explain(&self.access.decider, question, |policy| asker.may_know(policy)).ok()
    }

    /// What the properties of this have to be, as far as policies say it in so many words: one of these demands has to
    /// be met. Empty when there is none, and when nothing permits it. Who asks for themselves finds them out by trying, so
    /// that they are told whether or not they may see the policies; of somebody else (`asker`) only those are told that the
    /// asker may see.
    pub(crate) fn demands(&self, action: &str, view: &Value, asker: &Self) -> Vec<Demand> {
        let is_own = self.scope.actor.id == asker.scope.actor.id;
        let seeing = seeing(action);
        let mut open = Vec::new();
        for action in [action, &seeing] {
            match self.reach_of(action) {
                Reach::Nothing => return Vec::new(),
                Reach::Depends => open.push(self.question(action, view)),
                Reach::Everything => {}
            }
        }
        let is_shown = |policy: &str| is_own || asker.may_know(policy);
        self.access.decider.demands(&open, is_shown).unwrap_or_default()
    }

    /// Whether the caller may do this, in circumstances that could be, and would not as the one of before.
    pub(crate) fn gains(&self, before: Option<&Self>, action: &str) -> bool {
        let all = self.view_of_all(Kind::named(action.split_once(':').map_or(action, |(kind, _)| kind)));
        let before = before.map(|before| before.question(action, &all));
        // What cannot even be asked is taken for a gain.
        self.access
            .decider
            .gains(before, self.question(action, &all))
            .unwrap_or(true)
    }

    /// Whether the caller may do this to something in circumstances that could be.
    pub(crate) fn could(&self, kind: Kind<'_>, action: &str, view: &Value) -> bool {
        let name = Permission::new(kind, action).to_string();
        match self.reach_of(&name) {
            Reach::Nothing => false,
            Reach::Everything => true,
            Reach::Depends => self.access.decider.could(self.question(&name, view)).unwrap_or(false),
        }
    }

    fn question<'a>(&'a self, action: &'a str, row: &'a Value) -> Question<'a> {
        Question {
            principal: &self.principal,
            action,
            row,
            context: &self.context,
        }
    }

    /// The view of a kind as a whole.
    pub(crate) fn view_of_all(&self, kind: Kind<'_>) -> Value {
        self.view_of(kind, &self.scope.org.to_string(), json!({}))
    }

    /// The view of something that is no resource, as the compiler wants it.
    pub(crate) fn view_of(&self, kind: Kind<'_>, id: &str, rest: Value) -> Value {
        let mut view = json!({
            "id": id, "type": kind.as_str(), "org": self.scope.org.to_string(), "properties": {},
        });
        if let (Some(view), Value::Object(rest)) = (view.as_object_mut(), rest) {
            view.extend(rest);
        }
        view
    }
}

/// What is refused to who may write a thing and not see what it becomes.
pub(crate) const UNSEEN: &str = "you would not see what it becomes, and nobody writes what they may not see";

/// The action of seeing what this action is done to.
pub(crate) fn seeing(action: &str) -> String {
    let plural = action.split_once(':').map_or(action, |(plural, _)| plural);
    format!("{plural}:view")
}

/// Who can change that somebody may not do this.
pub(crate) fn who_helps(action: &str) -> &'static str {
    if OWNERS_ONLY.contains(&action) {
        "an owner of the org"
    } else {
        "an owner or admin of the org"
    }
}
