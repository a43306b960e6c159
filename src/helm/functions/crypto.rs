//! Functions that hash passwords, derive them, and encrypt.

use aes::Aes256;
use aes::cipher::generic_array::GenericArray;
use aes::cipher::{BlockDecrypt, BlockEncrypt, KeyInit};
use base64::Engine;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::convert::{Answer, fixed, int_arg, made, refuse};
use super::encoding::{BASE64, base64_decoded};
use super::random::{draw, drawn_text, is_genuine};
use crate::gotemplate::function::{Call, Failure, Function, Param};
use crate::gotemplate::text::Text;
use crate::gotemplate::value::Value;

use Param::String as Str;

/// The functions of this file.
pub const TABLE: &[Function] = &[
    fixed("bcrypt", &[Str], bcrypt),
    fixed("decryptAES", &[Str, Str], decrypt),
    fixed("derivePassword", &[Param::Uint32, Str, Str, Str, Str], derive_password),
    fixed("encryptAES", &[Str, Str], encrypt),
    fixed("htpasswd", &[Str, Str], htpasswd),
];

/// What a hash by bcrypt costs of the fuel, and the derivation of a password: they take as long as so many instructions.
const BCRYPT_FUEL: usize = 100_000;
const SCRYPT_FUEL: usize = 200_000;

/// The hash of a password as text, or what is wrong with the password.
fn bcrypt_text(call: &mut Call<'_, '_>, password: &Text) -> Result<String, Failure> {
    const COST: u32 = 10;
    if password.len() > 72 {
        return Ok(
            "failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes".to_owned()
        );
    }
    let mut draw = draw(call, "bcrypt", &[password.as_bytes()]);
    if !is_genuine(call) {
        let letters = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let hash: String = (0..53).map(|_| char::from(draw.one_of(letters))).collect();
        return Ok(format!("$2a${COST}${hash}"));
    }
    call.evaluation.charge_fuel(BCRYPT_FUEL)?;
    let mut salt = [0; 16];
    salt.copy_from_slice(&draw.bytes(16));
    match bcrypt::hash_with_salt(password.as_bytes(), COST, salt) {
        Ok(hash) => Ok(hash.format_for_version(bcrypt::Version::TwoA)),
        Err(error) => Ok(format!("failed to encrypt string with bcrypt: {error}")),
    }
}

fn bcrypt(call: &mut Call<'_, '_>) -> Answer {
    let password = call.text(0);
    let text = bcrypt_text(call, &password)?;
    drawn_text(call, text)
}

fn htpasswd(call: &mut Call<'_, '_>) -> Answer {
    let (user, password) = (call.text(0), call.text(1));
    if user.as_bytes().contains(&b':') {
        return made(call, [b"invalid username: ", user.as_bytes()].concat());
    }
    let hash = bcrypt_text(call, &password)?;
    drawn_text(call, [user.as_bytes(), b":", hash.as_bytes()].concat())
}

/// The templates of the letters of a password, by its type.
fn password_templates(kind: &[u8]) -> Option<&'static [&'static str]> {
    Some(match kind {
        b"maximum" => &["anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"],
        b"long" => &[
            "CvcvnoCvcvCvcv",
            "CvcvCvcvnoCvcv",
            "CvcvCvcvCvcvno",
            "CvccnoCvcvCvcv",
            "CvccCvcvnoCvcv",
            "CvccCvcvCvcvno",
            "CvcvnoCvccCvcv",
            "CvcvCvccnoCvcv",
            "CvcvCvccCvcvno",
            "CvcvnoCvcvCvcc",
            "CvcvCvcvnoCvcc",
            "CvcvCvcvCvccno",
            "CvccnoCvccCvcv",
            "CvccCvccnoCvcv",
            "CvccCvccCvcvno",
            "CvcvnoCvccCvcc",
            "CvcvCvccnoCvcc",
            "CvcvCvccCvccno",
            "CvccnoCvcvCvcc",
            "CvccCvcvnoCvcc",
            "CvccCvcvCvccno",
        ],
        b"medium" => &["CvcnoCvc", "CvcCvcno"],
        b"short" => &["Cvcn"],
        b"basic" => &["aaanaaan", "aannaaan", "aaannaaa"],
        b"pin" => &["nnnn"],
        _ => return None,
    })
}

/// The letters that a letter of a template stands for.
fn password_letters(class: u8) -> &'static [u8] {
    match class {
        b'V' => b"AEIOU",
        b'C' => b"BCDFGHJKLMNPQRSTVWXYZ",
        b'v' => b"aeiou",
        b'c' => b"bcdfghjklmnpqrstvwxyz",
        b'A' => b"AEIOUBCDFGHJKLMNPQRSTVWXYZ",
        b'a' => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
        b'n' => b"0123456789",
        b'o' => b"@&%?,=[]_:-+*$#!'^~;()/.",
        _ => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
    }
}

/// A password by the algorithm of Master Password: always the same of the same arguments.
fn derive_password(call: &mut Call<'_, '_>) -> Answer {
    const SEED: &[u8] = b"com.lyndir.masterpassword";
    let kind = call.text(1);
    let Some(templates) = password_templates(kind.as_bytes()) else {
        return made(call, [b"cannot find password template ", kind.as_bytes()].concat());
    };
    call.evaluation.charge_fuel(SCRYPT_FUEL)?;
    let (password, user, site) = (call.text(2), call.text(3), call.text(4));
    let length = |text: &Text| u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes();
    let counter = u32::try_from(int_arg(call, 0)).unwrap_or(0);
    let salt = [SEED, &length(&user), user.as_bytes()].concat();
    let mut key = [0; 64];
    let derived = scrypt::Params::new(15, 8, 2, key.len())
        .ok()
        .and_then(|params| scrypt::scrypt(password.as_bytes(), &salt, &params, &mut key).ok());
    let Ok(mut mac) = <Hmac<Sha256> as Mac>::new_from_slice(&key) else {
        return refuse("failed to derive password");
    };
    if derived.is_none() {
        return refuse("failed to derive password");
    }
    mac.update(&[SEED, &length(&site), site.as_bytes(), &counter.to_be_bytes()].concat());
    let seed = mac.finalize().into_bytes();
    let at = |index: usize| usize::from(seed.get(index).copied().unwrap_or(0));
    let template = templates.get(at(0) % templates.len()).copied().unwrap_or_default();
    let letter = |(index, class): (usize, u8)| {
        let letters = password_letters(class);
        letters.get(at(index + 1) % letters.len()).copied().unwrap_or(0)
    };
    let password: Vec<u8> = template.bytes().enumerate().map(letter).collect();
    made(call, password)
}

const BLOCK: usize = 16;

/// The cipher of a password: its first 32 bytes, or fewer with zeros behind them.
fn cipher(password: &Text) -> Aes256 {
    let mut key = [0; 32];
    for (to, from) in key.iter_mut().zip(password.as_bytes()) {
        *to = *from;
    }
    Aes256::new(&GenericArray::from(key))
}

fn xor(block: &mut [u8], with: &[u8]) {
    for (byte, other) in block.iter_mut().zip(with) {
        *byte ^= other;
    }
}

/// AES in CBC mode; the first block is drawn.
fn encrypt(call: &mut Call<'_, '_>) -> Answer {
    let (password, text) = (call.text(0), call.text(1));
    if text.is_empty() {
        return Ok(Value::plain_string(""));
    }
    call.evaluation.charge_text(text.len().saturating_mul(2))?;
    let cipher = cipher(&password);
    let padding = BLOCK - text.len() % BLOCK;
    let mut content = text.as_bytes().to_vec();
    content.resize(text.len() + padding, u8::try_from(padding).unwrap_or(0));
    let mut out = draw(call, "encryptAES", &[password.as_bytes(), text.as_bytes()]).bytes(BLOCK);
    for block in content.chunks_mut(BLOCK) {
        let before = out.get(out.len() - BLOCK..).unwrap_or_default();
        xor(block, before);
        let mut block = GenericArray::clone_from_slice(block);
        cipher.encrypt_block(&mut block);
        out.extend_from_slice(&block);
    }
    drawn_text(call, BASE64.encode(out))
}

fn decrypt(call: &mut Call<'_, '_>) -> Answer {
    let (password, text) = (call.text(0), call.text(1));
    if text.is_empty() {
        return Ok(Value::plain_string(""));
    }
    let bytes = match base64_decoded(text.as_bytes()) {
        Ok(bytes) => bytes,
        Err(place) => return refuse(format!("illegal base64 data at input byte {place}")),
    };
    if bytes.len() < BLOCK {
        return refuse(format!(
            "runtime error: slice bounds out of range [:{BLOCK}] with capacity {}",
            bytes.len()
        ));
    }
    if bytes.len() % BLOCK != 0 {
        return refuse("crypto/cipher: input not full blocks");
    }
    let cipher = cipher(&password);
    let mut out = Vec::with_capacity(bytes.len());
    for pair in bytes.windows(2 * BLOCK).step_by(BLOCK) {
        let (before, block) = pair.split_at(BLOCK);
        let mut block = GenericArray::clone_from_slice(block);
        cipher.decrypt_block(&mut block);
        xor(&mut block, before);
        out.extend_from_slice(&block);
    }
    let padding = out.last().map(|byte| usize::from(*byte));
    match padding.and_then(|padding| out.len().checked_sub(padding)) {
        Some(length) => {
            out.truncate(length);
            made(call, out)
        }
        None => refuse("runtime error: slice bounds out of range"),
    }
}
