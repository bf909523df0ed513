//! Is this really the person who says so?
//!
//! Passkeys ([`Passkeys`]), an organisation's OpenID provider ([`openid`]), and the random token
//! ([`Token`]) in a cookie ([`Cookie`]) by which somebody who signed in is known from then on; how long
//! that holds is a rule of `decide`. It does no I/O: what has begun ([`Pending`]) and who failed too
//! often ([`Throttle`]) are values that the caller holds; requests to a provider go through a function
//! that the caller hands in. Challenges alone are drawn by the library that checks them.
//!
//! It refuses to know anybody: no account comes into being here, and who may do what is not its
//! business. A provider is trusted for whom it lets in: whoever controls it can sign in as every
//! person that is mapped to it, but confirms nothing and opens no personal key.

mod cookie;
pub mod openid;
mod passkey;
mod pending;
mod request;
mod site;
mod throttle;
mod token;

pub use cookie::Cookie;
pub use passkey::{
    Answer, AnswerError, CEREMONY_SECONDS, Confirming, Enrolling, Passkeys, PasskeysError, Proof,
    SigningIn, StoredPasskey, UserHandle, prf_output,
};
pub use pending::Pending;
pub use request::{ForgeryError, Whence, check_form, form_token};
pub use site::{Site, SiteError};
pub use throttle::{MustWait, Throttle};
pub use token::{Token, TokenDigest};
