//! What the messages say. Whatever a person chose is kept to one short line, so that it cannot pass for ours.

use lettre::message::Mailbox;

use super::Message;
use crate::Control;

const LONGEST_NAME_CHARS: usize = 80;

/// What an invitation tells.
#[derive(Debug, Clone, Copy)]
pub struct Invite<'a> {
    pub recipient: &'a str,
    pub org_name: &'a str,
    /// E-mail address or name of the one who invites.
    pub invited_by: &'a str,
    pub token: &'a str,
}

/// `Plinth` of `Plinth <no-reply@example.com>`: who the mail is from, to a reader.
fn sender(control: &Control) -> String {
    let from = control.config().mail_from.as_str();
    let mailbox = from.parse::<Mailbox>().ok();
    let name = mailbox.and_then(|mailbox| mailbox.name.or_else(|| Some(mailbox.email.domain().to_owned())));
    name.unwrap_or_else(|| from.to_owned())
}

fn link(control: &Control, page: &str, token: &str) -> String {
    format!(
        "{}/{page}?token={token}",
        control.config().public_url.trim_end_matches('/')
    )
}

/// One line, without control characters, and without what mail programs make into a link.
fn line(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words = clean
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace("://", " ");
    if words.chars().count() <= LONGEST_NAME_CHARS {
        return words;
    }
    words.chars().take(LONGEST_NAME_CHARS - 1).chain(['…']).collect()
}

pub fn compose_verification(control: &Control, recipient: &str, name: &str, token: &str) -> Message {
    let (from, name, link) = (sender(control), line(name), link(control, "verify", token));
    Message {
        recipient: recipient.to_owned(),
        subject: format!("Confirm your e-mail address for {from}"),
        body: format!(
            "Hello {name},\n\n\
             welcome to {from}. Please confirm that this is your e-mail address:\n\n\
             {link}\n\n\
             The link works once, for three days. If you did not sign up, you can ignore this message.\n"
        ),
    }
}

pub fn compose_reset(control: &Control, recipient: &str, name: &str, token: &str) -> Message {
    let (from, name, link) = (sender(control), line(name), link(control, "reset", token));
    Message {
        recipient: recipient.to_owned(),
        subject: format!("Choose a new password for {from}"),
        body: format!(
            "Hello {name},\n\n\
             somebody, hopefully you, asked for a new password. Choose one here:\n\n\
             {link}\n\n\
             The link works once, for one hour, and ends all your logins. If it was not you, ignore this message: \
             your password stays as it is.\n"
        ),
    }
}

pub fn compose_invitation(control: &Control, invite: &Invite<'_>) -> Message {
    let (from, link) = (sender(control), link(control, "invite", invite.token));
    let (org, invited_by) = (line(invite.org_name), line(invite.invited_by));
    Message {
        recipient: invite.recipient.to_owned(),
        subject: format!("Join {org} on {from}"),
        body: format!(
            "Hello,\n\n\
             {invited_by} invites you to join {org} on {from}:\n\n\
             {link}\n\n\
             Log in or sign up with this e-mail address to accept. If you do not know {invited_by}, ignore this message.\n"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn a_name_cannot_break_out_of_its_line_or_become_a_link() {
        assert_eq!(line("Ada\r\nBcc: x@example.com"), "Ada Bcc: x@example.com");
        assert_eq!(line("win https://evil.example/now"), "win https evil.example/now");
        assert_eq!(line(&"x".repeat(500)).chars().count(), 80);
    }
}
