//! Functions that make keys and certificates.

use std::any::Any;
use std::net::IpAddr;
use std::rc::Rc;

use super::convert::{Answer, fixed, int_arg, refuse};
use super::encoding::base64_decoded;
use super::layout::Time;
use super::random::{draw, drawn, drawn_text, is_genuine};
use crate::gotemplate::function::{Call, Failure, Function, Param};
use crate::gotemplate::print;
use crate::gotemplate::text::{Origin, Text};
use crate::gotemplate::value::{Object, Value};
use crate::helm::host::{FIXED_NOW, Host};
use crate::helm::keys::der;
use crate::helm::keys::private::{PrivateKey, Rsa};
use crate::helm::keys::x509::{self, Request, Signer};

use Param::{Int, List, String as Str};

const CERTIFICATE: Param = Param::Named("sprig.certificate");

/// The functions of this file.
pub const TABLE: &[Function] = &[
    fixed("buildCustomCert", &[Str, Str], build_custom),
    fixed("genCA", &[Str, Int], |call| authority(call, None)),
    fixed("genCAWithKey", &[Str, Int, Str], |call| authority(call, Some(2))),
    fixed("genPrivateKey", &[Str], private_key),
    fixed("genSelfSignedCert", &[Str, List, List, Int], |call| signed(call, None, None)),
    fixed("genSelfSignedCertWithKey", &[Str, List, List, Int, Str], |call| signed(call, None, Some(4))),
    fixed("genSignedCert", &[Str, List, List, Int, CERTIFICATE], |call| signed(call, Some(4), None)),
    fixed("genSignedCertWithKey", &[Str, List, List, Int, CERTIFICATE, Str], |call| {
        signed(call, Some(4), Some(5))
    }),
];

/// What a key costs of the fuel: it takes as long as so many instructions.
const KEY_FUEL: usize = 300_000;

/// Sprig's certificate: a certificate and its key, as PEM.
#[derive(Debug)]
struct Certificate {
    certificate: Text,
    key: Text,
}

impl Object for Certificate {
    fn type_name(&self) -> &'static str {
        "sprig.certificate"
    }

    fn kind_name(&self) -> &'static str {
        "struct"
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "Cert" => Some(Value::String(self.certificate.clone())),
            "Key" => Some(Value::String(self.key.clone())),
            _ => None,
        }
    }

    fn print(&self) -> String {
        format!("{{{} {}}}", self.certificate.to_str(), self.key.to_str())
    }

    fn plain(&self) -> Value {
        let fields = [("Cert", &self.certificate), ("Key", &self.key)];
        Value::map(fields.map(|(name, text)| (name, Value::String(text.clone()))))
    }

    fn origin(&self) -> Origin {
        self.certificate.origin()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn private_key(call: &mut Call<'_, '_>) -> Answer {
    let kind = call.text(0);
    let genuine = is_genuine(call);
    call.evaluation.charge_fuel(if genuine { KEY_FUEL * 5 } else { 100 })?;
    let mut draw = draw(call, "genPrivateKey", &[kind.as_bytes()]);
    match PrivateKey::new(&kind.to_str(), &mut draw, genuine) {
        Some(key) => drawn_text(call, key.pem()),
        None => super::convert::made(call, [b"Unknown type ", kind.as_bytes()].concat()),
    }
}

fn build_custom(call: &mut Call<'_, '_>) -> Answer {
    let (certificate, key) = (call.text(0), call.text(1));
    call.evaluation.charge_fuel((certificate.len() + key.len()) / 16)?;
    let Ok(certificate_bytes) = base64_decoded(certificate.as_bytes()) else {
        return refuse("unable to decode base64 certificate");
    };
    let Ok(key_bytes) = base64_decoded(key.as_bytes()) else {
        return refuse("unable to decode base64 private key");
    };
    let Some((_, read)) = der::read_pem(&certificate_bytes) else {
        return refuse("unable to decode certificate");
    };
    if x509::subject_of(&read).is_none() {
        return refuse("error parsing certificate: decodedCert.Bytes: x509: malformed certificate");
    }
    PrivateKey::read(&key_bytes)
        .map_err(|message| Failure::new(format!("error parsing private key: {message}")))?;
    let made = Certificate { certificate: certificate.made(certificate_bytes), key: key.made(key_bytes) };
    Ok(Value::Object(Rc::new(made)))
}

/// The key of a call: what an argument says, or a new one.
fn key_of(call: &mut Call<'_, '_>, given: Option<usize>, label: &[&[u8]]) -> Result<PrivateKey, Failure> {
    if let Some(index) = given {
        return PrivateKey::read(call.text(index).as_bytes())
            .map_err(|message| Failure::new(format!("parsing private key: {message}")));
    }
    let genuine = is_genuine(call);
    call.evaluation.charge_fuel(if genuine { KEY_FUEL } else { 100 })?;
    Ok(PrivateKey::Rsa(Rsa::new(&mut draw(call, "key", label), 2048, genuine)))
}

/// From now on, for so many days.
fn validity(call: &Call<'_, '_>, days: i64) -> [[i64; 6]; 2] {
    let now = call.host::<Host>().map_or(FIXED_NOW, Host::now);
    let time = |seconds: i64| {
        let civil = Time::utc(seconds, 0).civil();
        let [month, day, hour, minute, second] =
            [civil.month, civil.day, civil.hour, civil.minute, civil.second].map(i64::from);
        [civil.year, month, day, hour, minute, second]
    };
    // Go counts in nanoseconds of 64 bits, which go round.
    let nanos = days.wrapping_mul(86_400_000_000_000);
    [time(now.seconds), time(now.seconds.saturating_add(nanos.div_euclid(1_000_000_000)))]
}

fn authority(call: &mut Call<'_, '_>, given: Option<usize>) -> Answer {
    let name = call.text(0);
    let days = int_arg(call, 1);
    let label: [&[u8]; 2] = [name.as_bytes(), &days.to_be_bytes()];
    let key = key_of(call, given, &label)?;
    let request = Request {
        name: name.as_bytes(),
        addresses: Vec::new(),
        hosts: Vec::new(),
        is_authority: true,
        validity: validity(call, days),
    };
    issued(call, &request, &key, &Signer { subject: None, key_id: None, key: &key })
}

fn issued(call: &mut Call<'_, '_>, request: &Request<'_>, key: &PrivateKey, signer: &Signer<'_>) -> Answer {
    let genuine = is_genuine(call);
    call.evaluation.charge_fuel(2000)?;
    let mut draw = draw(call, "certificate", &[request.name]);
    let certificate = x509::certificate(request, key, signer, &mut draw, genuine)
        .map_err(|message| Failure::new(format!("error creating certificate: {message}")))?;
    let origin = drawn(call);
    let made = Certificate { certificate: Text::new(certificate, origin), key: Text::new(key.pem(), origin) };
    Ok(Value::Object(Rc::new(made)))
}

/// The items of a list argument that must be strings.
fn strings_of(call: &mut Call<'_, '_>, index: usize, wrong: &str) -> Result<Vec<Text>, Failure> {
    let list = match call.arg(index) {
        Value::List(list) => list,
        _ => return Ok(Vec::new()),
    };
    let mut texts = Vec::new();
    for item in &list.items {
        match item {
            Value::String(text) => texts.push(text.clone()),
            other => {
                let shown = print::display(other, call.evaluation.budget())?;
                return refuse(format!("{wrong}: {} is not a string", shown.to_str()));
            }
        }
    }
    Ok(texts)
}

fn signed(call: &mut Call<'_, '_>, by: Option<usize>, given: Option<usize>) -> Answer {
    let name = call.text(0);
    let days = int_arg(call, 3);
    let label: [&[u8]; 2] = [name.as_bytes(), &days.to_be_bytes()];
    let key = key_of(call, given, &label)?;
    let signer = match by {
        Some(index) => Some(signer_of(call, index)?),
        None => None,
    };
    let mut addresses = Vec::new();
    for text in strings_of(call, 1, "error parsing ip")? {
        match text.to_str().parse::<IpAddr>() {
            Ok(address) => addresses.push(address),
            Err(_) => return refuse(format!("error parsing ip: {}", text.to_str())),
        }
    }
    let mut hosts = Vec::new();
    for text in strings_of(call, 2, "error processing alternate dns name")? {
        if !text.as_bytes().is_ascii() {
            return refuse(format!(
                "error creating certificate: x509: {:?} cannot be encoded as an IA5String",
                text.to_str()
            ));
        }
        hosts.push(text.as_bytes().to_vec());
    }
    let request = Request {
        name: name.as_bytes(),
        addresses,
        hosts,
        is_authority: false,
        validity: validity(call, days),
    };
    let signer = match &signer {
        Some((subject, key_id, key)) => {
            Signer { subject: Some(subject.clone()), key_id: key_id.clone(), key }
        }
        None => Signer { subject: None, key_id: None, key: &key },
    };
    issued(call, &request, &key, &signer)
}

type SignerParts = (Vec<u8>, Option<Vec<u8>>, PrivateKey);

/// What is needed of the certificate that signs another.
fn signer_of(call: &Call<'_, '_>, index: usize) -> Result<SignerParts, Failure> {
    let value = call.arg(index);
    let held = match &value {
        Value::Object(object) => object.as_any().downcast_ref::<Certificate>(),
        _ => None,
    };
    let Some(held) = held else { return refuse("it is not a certificate") };
    let Some((_, bytes)) = der::read_pem(held.certificate.as_bytes()) else {
        return refuse("unable to decode certificate");
    };
    let Some((subject, key_id)) = x509::subject_of(&bytes) else {
        return refuse("error parsing certificate: decodedSignerCert.Bytes: x509: malformed certificate");
    };
    let key = PrivateKey::read(held.key.as_bytes())
        .map_err(|message| Failure::new(format!("error parsing private key: {message}")))?;
    Ok((subject, key_id, key))
}
