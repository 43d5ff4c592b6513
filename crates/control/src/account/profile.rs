//! What a person may give as e-mail address and name.

const LONGEST_EMAIL_CHARS: usize = 254;
const LONGEST_NAME_CHARS: usize = 100;

/// In the one form in which it is stored and compared: without space around it, in lower case.
pub(crate) fn email(text: &str) -> Result<String, String> {
    let email = text.trim().to_ascii_lowercase();
    if email.len() <= LONGEST_EMAIL_CHARS && is_email(&email) {
        return Ok(email);
    }
    Err("must be an e-mail address, such as `ada@example.com`".to_owned())
}

/// Narrower than RFC 5321: ASCII, a local part without quotes, and a domain with a dot that is no address literal.
fn is_email(text: &str) -> bool {
    let Some((_, domain)) = text.rsplit_once('@') else {
        return false;
    };
    text.is_ascii()
        && !text.contains(['"', '\\'])
        && text.parse::<lettre::Address>().is_ok()
        && domain.contains('.')
        && domain.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || c == '-';
    (1..=63).contains(&label.len()) && label.chars().all(inner) && !label.starts_with('-') && !label.ends_with('-')
}

/// Any script, on one line.
pub(crate) fn name(text: &str) -> Result<String, String> {
    let name = text.trim();
    let chars = name.chars().count();
    if (1..=LONGEST_NAME_CHARS).contains(&chars) && !name.chars().any(char::is_control) {
        return Ok(name.to_owned());
    }
    Err(format!("must have 1 to {LONGEST_NAME_CHARS} characters on one line"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_form() {
        assert_eq!(
            email(" Ada.Lovelace+etl@Example.COM ").as_deref(),
            Ok("ada.lovelace+etl@example.com")
        );
    }

    #[test]
    fn what_no_mailbox_is_called_is_refused() {
        let long = format!("{}@example.com", "x".repeat(65));
        for bad in [
            "",
            "@",
            "ada",
            "ada@",
            "@example.com",
            "ada@example",
            "ada@-a.com",
            "ada@a..com",
            "a b@example.com",
            "ada@[127.0.0.1]",
            "ada@exa\0mple.com",
            "ada\r\nBcc: x@example.com",
            "\"ada\"@example.com",
            "ada@example.com, eve@example.com",
            "<ada@example.com>",
            "ädä@example.com",
            long.as_str(),
        ] {
            assert!(email(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_name_is_any_script_on_one_line() {
        for good in ["Ada", "Łukasz 李", "<b>Bobby'; drop table users</b>"] {
            assert!(name(good).is_ok(), "{good}");
        }
        for bad in ["", "  ", "a\nb", "a\0b", &"x".repeat(101)] {
            assert!(name(bad).is_err(), "{bad:?}");
        }
    }
}
