//! The shipped configurations of proxies know every path of a page, and keep it out of their logs.

use clairiere::{
    platform::body::{FILE_LIMIT, FORM},
    public,
};

use super::snapshot::place;

fn shipped(name: &str) -> String {
    let text = std::fs::read_to_string(place(&format!("docs/proxy/{name}"))).unwrap();
    text.lines().filter(|line| !line.trim_start().starts_with('#')).collect::<Vec<_>>().join("\n")
}

#[test]
fn pages_opened_by_a_link_are_in_no_log_of_the_proxy() {
    let nginx = shipped("nginx.conf");
    let quiet = nginx.split("location ").find(|block| block.contains("error_log /dev/null")).unwrap();
    for prefix in public::PREFIXES.iter().filter(|prefix| **prefix != "/assets") {
        let name = prefix.trim_start_matches('/');
        let listed = quiet.split(['(', '|', ')']).any(|known| known == name);
        assert!(listed, "{prefix} is not among the links of docs/proxy/nginx.conf");
    }
    let (_, format) = nginx.split_once("log_format").unwrap();
    let format = format.split(';').next().unwrap();
    for telling in ["$request ", "$request'", "$uri", "$request_uri", "$args", "$http_referer", "$http_authorization"] {
        assert!(!format.contains(telling), "the log of docs/proxy/nginx.conf holds {telling}");
    }
    for (at, _) in nginx.match_indices("access_log ") {
        let named = nginx[at..].split(';').next().unwrap();
        assert!(named.ends_with(" off") || named.ends_with(" clairiere"), "another log: {named}");
    }
    let caddy = shipped("Caddyfile");
    for kept_out in ["request>uri delete", "request>headers delete", "resp_headers>Location delete", "request delete"] {
        assert!(caddy.contains(kept_out), "docs/proxy/Caddyfile does not say: {kept_out}");
    }
}

#[test]
fn the_proxies_let_through_what_the_service_takes() {
    let largest = FILE_LIMIT + FORM;
    assert!(shipped("nginx.conf").contains(&format!("client_max_body_size {}k;", largest / 1024)));
    // Caddy counts in thousands.
    let caddy = shipped("Caddyfile");
    let (_, said) = caddy.split_once("max_size ").unwrap();
    let thousands: usize = said.split("KB").next().unwrap().parse().unwrap();
    assert!(thousands * 1000 > largest && thousands * 1000 < largest + largest / 100, "{thousands} KB");
}
