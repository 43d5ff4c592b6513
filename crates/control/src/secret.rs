//! Secrets at rest: envelope encryption.
//!
//! Each org has data keys (AES-256-GCM), kept wrapped by the key-encryption key that only servers know. A sealed value is
//! base64 of data key id (16 bytes), nonce (12) and ciphertext with tag; org, owner and field are authenticated with it,
//! so that a value moved to another place does not open.

use aes_gcm::aead::{Aead, Generate, Payload};
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use moka::sync::Cache;
use plinth_model::Scope;
use plinth_model::id::{Id, OrgId};
use plinth_store::resource::Sealed;
use plinth_store::{Tx, key};
use serde_json::Value;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::error::{ControlError, Result};

const NONCE: usize = 12;
const KEY_ID: usize = 16;

type DataKey = (Uuid, Zeroizing<[u8; 32]>);

/// The key-encryption key, the one before it during a change, and data keys that were unwrapped recently.
pub struct KeyRing {
    kek: Aes256Gcm,
    previous: Option<Aes256Gcm>,
    unwrapped: Cache<(OrgId, Uuid), Zeroizing<[u8; 32]>>,
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyRing").finish_non_exhaustive()
    }
}

/// What a secret belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Owner {
    pub org: OrgId,
    /// A resource, or a question to an agent.
    pub id: Id,
}

impl KeyRing {
    pub fn new(key: &[u8; 32], previous: Option<&[u8; 32]>) -> Self {
        Self {
            kek: Aes256Gcm::new(key.into()),
            previous: previous.map(|key| Aes256Gcm::new(key.into())),
            unwrapped: Cache::builder().max_capacity(10_000).build(),
        }
    }

    /// Encrypts values, each at its JSON pointer, under the org's newest data key; makes the first one.
    pub async fn seal(&self, tx: &mut Tx, scope: &Scope, owner: Owner, values: &[(String, Value)]) -> Result<Sealed> {
        if values.is_empty() {
            return Ok(Sealed::new());
        }
        let (id, data_key) = self.newest(tx, scope).await?;
        let cipher = Aes256Gcm::new((&*data_key).into());
        let mut sealed = Sealed::new();
        for (pointer, value) in values {
            let plain = Zeroizing::new(value.to_string());
            let body = encrypt(&cipher, plain.as_bytes(), &context(owner, pointer))?;
            let text = STANDARD.encode([id.as_bytes().as_slice(), &body].concat());
            sealed.insert(pointer.clone(), Value::String(text));
        }
        Ok(sealed)
    }

    /// Decrypts all values.
    pub async fn open(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        owner: Owner,
        sealed: &Sealed,
    ) -> Result<Vec<(String, Value)>> {
        let mut values = Vec::new();
        for (pointer, text) in sealed {
            let bytes = STANDARD
                .decode(text.as_str().unwrap_or_default())
                .map_err(ControlError::internal)?;
            let (id, body) = bytes
                .split_at_checked(KEY_ID)
                .ok_or_else(|| ControlError::internal("sealed value"))?;
            let id = Uuid::from_slice(id).map_err(ControlError::internal)?;
            let data_key = self.by_id(tx, scope, id).await?;
            let plain = Zeroizing::new(decrypt(
                &Aes256Gcm::new((&*data_key).into()),
                body,
                &context(owner, pointer),
            )?);
            values.push((
                pointer.clone(),
                serde_json::from_slice(&plain).map_err(ControlError::internal)?,
            ));
        }
        Ok(values)
    }

    async fn newest(&self, tx: &mut Tx, scope: &Scope) -> Result<DataKey> {
        if let Some(kept) = key::newest(tx, scope).await? {
            return Ok((kept.id, self.unwrap(scope.org, kept)?));
        }
        let data_key = Zeroizing::new(<[u8; 32]>::generate());
        let id = Uuid::now_v7();
        let wrapped_key = encrypt(&self.kek, data_key.as_slice(), &wrap_context(scope.org, id))?;
        key::add(tx, scope, id, &wrapped_key).await?;
        Ok((id, data_key))
    }

    async fn by_id(&self, tx: &mut Tx, scope: &Scope, id: Uuid) -> Result<Zeroizing<[u8; 32]>> {
        if let Some(known) = self.unwrapped.get(&(scope.org, id)) {
            return Ok(known);
        }
        let kept = key::get(tx, scope, id)
            .await?
            .ok_or_else(|| ControlError::internal("the data key is gone"))?;
        self.unwrap(scope.org, kept)
    }

    fn unwrap(&self, org: OrgId, kept: key::Wrapped) -> Result<Zeroizing<[u8; 32]>> {
        let context = wrap_context(org, kept.id);
        let plain = decrypt(&self.kek, &kept.wrapped_key, &context).or_else(|error| match &self.previous {
            Some(previous) => decrypt(previous, &kept.wrapped_key, &context),
            None => Err(error),
        });
        let plain = Zeroizing::new(plain?);
        let data_key: [u8; 32] = plain.as_slice().try_into().map_err(ControlError::internal)?;
        let data_key = Zeroizing::new(data_key);
        self.unwrapped.insert((org, kept.id), data_key.clone());
        Ok(data_key)
    }

    /// The same data key, wrapped by the key-encryption key instead of the one before it.
    pub(crate) fn rewrap(&self, kept: &key::Kept) -> Rewrapped {
        let context = wrap_context(OrgId(kept.org_id), kept.id);
        if decrypt(&self.kek, &kept.wrapped_key, &context)
            .map(Zeroizing::new)
            .is_ok()
        {
            return Rewrapped::Current;
        }
        let Some(previous) = &self.previous else {
            return Rewrapped::Lost;
        };
        let plain = decrypt(previous, &kept.wrapped_key, &context).map(Zeroizing::new);
        match plain.and_then(|plain| encrypt(&self.kek, &plain, &context)) {
            Ok(wrapped_key) => Rewrapped::Anew(wrapped_key),
            Err(_) => Rewrapped::Lost,
        }
    }
}

/// What became of a data key.
#[derive(Debug)]
pub(crate) enum Rewrapped {
    /// It was wrapped by the key-encryption key already.
    Current,
    Anew(Vec<u8>),
    /// Neither key opens it.
    Lost,
}

fn context(owner: Owner, pointer: &str) -> Vec<u8> {
    [
        owner.org.0.as_bytes(),
        owner.id.0.as_bytes().as_slice(),
        pointer.as_bytes(),
    ]
    .concat()
}

fn wrap_context(org: OrgId, id: Uuid) -> Vec<u8> {
    [org.0.as_bytes().as_slice(), id.as_bytes()].concat()
}

fn encrypt(cipher: &Aes256Gcm, plain: &[u8], context: &[u8]) -> Result<Vec<u8>> {
    let nonce = Nonce::<aes_gcm::aead::consts::U12>::generate();
    let payload = Payload {
        msg: plain,
        aad: context,
    };
    let body = cipher
        .encrypt(&nonce, payload)
        .map_err(|_| ControlError::internal("encryption failed"))?;
    Ok([nonce.as_slice(), &body].concat())
}

fn decrypt(cipher: &Aes256Gcm, sealed: &[u8], context: &[u8]) -> Result<Vec<u8>> {
    let wrong_key = "a secret does not open: it was sealed under another key-encryption key, or tampered with";
    let (nonce, body) = sealed
        .split_at_checked(NONCE)
        .ok_or_else(|| ControlError::internal(wrong_key))?;
    let nonce: [u8; NONCE] = nonce.try_into().map_err(ControlError::internal)?;
    let payload = Payload {
        msg: body,
        aad: context,
    };
    cipher
        .decrypt(&nonce.into(), payload)
        .map_err(|_| ControlError::internal(wrong_key))
}
