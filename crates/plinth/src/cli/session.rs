//! One run of the command line: which server, as whom, in which org, printed how.
//! Decides where a stored token may be sent.

use std::{
    io::{IsTerminal, Read},
    path::PathBuf,
};

use plinth_client::{
    Client,
    org::OrgScope,
    product::{ProductView, ResourceType},
};

use super::{
    GlobalArgs,
    config::{Config, Profile},
    failure::Failure,
    output::{Format, Paint, remark},
};

pub const DEFAULT_URL: &str = "http://127.0.0.1:8080";

#[derive(Debug)]
pub struct Session {
    pub url: String,
    pub format: Format,
    pub paint: Paint,
    /// The token of the command line or environment.
    pub given_token: Option<String>,
    given_org: Option<String>,
    profile_name: String,
    config: Config,
    config_path: PathBuf,
}

impl Session {
    pub fn open(global: &GlobalArgs) -> anyhow::Result<Self> {
        let config_path = Config::path()?;
        let config = Config::load(&config_path)?;
        let profile_name = config.profile_name(global.profile.as_deref());
        let url = global
            .url
            .clone()
            .or_else(|| Some(config.profiles.get(&profile_name)?.url.clone()))
            .unwrap_or_else(|| DEFAULT_URL.to_owned());
        let given_token = match global.token.as_deref() {
            Some("-") => Some(read_stdin()?),
            Some("") | None => None,
            Some(token) => Some(token.to_owned()),
        };
        Ok(Self {
            url,
            format: global.output,
            paint: Paint::for_stdout(global.no_color),
            given_token,
            given_org: global.org.clone(),
            profile_name,
            config,
            config_path,
        })
    }

    pub fn profile(&self) -> Option<&Profile> {
        self.config.profiles.get(&self.profile_name)
    }

    /// A client without identity.
    pub fn anonymous(&self) -> anyhow::Result<Client> {
        Ok(Client::builder(&self.url).build()?)
    }

    pub fn client(&self) -> anyhow::Result<Client> {
        let token = match &self.given_token {
            Some(token) => token,
            None => self.stored_token()?,
        };
        Ok(Client::builder(&self.url).token(token).build()?)
    }

    /// The profile's token, for the profile's server only: `--url` must not
    /// make a login go to another one.
    fn stored_token(&self) -> anyhow::Result<&str> {
        let profile = self.profile().filter(|profile| profile.url == self.url);
        let token = profile.and_then(|profile| profile.token.as_deref());
        token.ok_or_else(|| {
            Failure::failed(format!("not logged in to `{}`", self.url))
                .hint("run `plinth login`, or set PLINTH_TOKEN")
                .into()
        })
    }

    /// The org that is named, or stored, or the only one there is.
    pub async fn org(&self) -> anyhow::Result<OrgScope> {
        let client = self.client()?;
        let stored = || {
            let profile = self.profile()?;
            (profile.url == self.url).then(|| profile.org.clone())?
        };
        if let Some(org) = self.given_org.clone().or_else(stored) {
            return Ok(client.org(org));
        }
        let me = client.account().me().await?;
        match me.orgs.as_slice() {
            [only] => Ok(client.org(&only.slug)),
            [] => Err(Failure::failed("you belong to no organization yet")
                .hint("make one with `plinth org create <slug>`")
                .into()),
            several => {
                let slugs: Vec<_> = several.iter().map(|org| org.slug.as_str()).collect();
                let message = format!("which organization? {}", slugs.join(", "));
                Err(Failure::usage(message)
                    .hint("choose one with `plinth org use <slug>` or `--org`")
                    .into())
            }
        }
    }

    pub async fn product(&self) -> anyhow::Result<ProductView> {
        Ok(self.anonymous()?.product().get().await?)
    }

    /// The resource type that a person means by `word`: its name or its plural.
    pub async fn resource_type(&self, word: &str) -> anyhow::Result<ResourceType> {
        find_type(self.product().await?, word)
    }

    /// Changes the stored profile and makes it the one in use.
    pub fn store(&self, change: impl FnOnce(&mut Profile)) -> anyhow::Result<()> {
        let mut config = self.config.clone();
        let profile = config.profiles.entry(self.profile_name.clone()).or_default();
        change(profile);
        config.current = Some(self.profile_name.clone());
        config.save(&self.config_path)
    }
}

pub fn find_type(product: ProductView, word: &str) -> anyhow::Result<ResourceType> {
    let known: Vec<_> = product.types.iter().map(|kind| kind.plural.clone()).collect();
    let word = word.to_lowercase();
    let found = product
        .types
        .into_iter()
        .find(|kind| kind.name == word || kind.plural == word);
    found.ok_or_else(|| {
        Failure::usage(format!("`{word}` is not a type of resource"))
            .hint(match known.is_empty() {
                true => "no product is loaded yet: `plinth apply <product folder>`".to_owned(),
                false => format!("there are: {}", known.join(", ")),
            })
            .into()
    })
}

/// All of standard input, without the line's end.
pub fn read_stdin() -> anyhow::Result<String> {
    let mut text = String::new();
    if std::io::stdin().is_terminal() {
        remark("reading from standard input, end with Ctrl-D");
    }
    std::io::stdin().read_to_string(&mut text)?;
    Ok(text.trim().to_owned())
}
