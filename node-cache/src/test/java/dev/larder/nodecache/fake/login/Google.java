package dev.larder.nodecache.fake.login;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Google's registries. {@code gcr.io} leaves {@code service} without quotes
 * (https://github.com/cloudflare/serverless-registry/pull/122, seen) and its challenge once lacked the scope
 * (https://github.com/containerd/containerd/pull/1465, seen). Users are {@code oauth2accesstoken} with an access token, or
 * {@code _json_key} with a whole key file. Artifact Registry sends to a path of its own host: read.
 */
final class Google {

    private Google() {}

    static LoginSimulator artifactRegistryIn(Internet internet) {
        String host = Names.ARTIFACT_REGISTRY.host();
        Login login = new Login("oauth2accesstoken", "ya29." + LoginSimulator.MARK);
        LoginSimulator google = new LoginSimulator(
                "Artifact Registry",
                Place.at(Names.ARTIFACT_REGISTRY).withRealm("https://" + host + "/v2/token"),
                login,
                internet);
        BearerChallenge challenge = new BearerChallenge("https://" + host + "/v2/token", host);
        Map<String, byte[]> offered = new ConcurrentHashMap<>();
        Site registry = new RegistrySite(google.images(), challenge.gate(google.tokens()), (asked, blob) -> {
            String path = "/artifacts-downloads/namespaces/acme/downloads/" + StorageSite.MARK + offered.size();
            offered.put(path, blob);
            return Reply.redirect(302, path);
        });
        Site tokens = new TokenSite("/v2/token", new TokenRules(host, TokenRules.ONLY_TOKEN), google).before(registry);
        internet.put(host, asked -> {
            byte[] blob = offered.get(asked.path());
            return blob == null ? tokens.answer(asked) : StorageSite.content(asked, blob);
        });
        return google;
    }

    static LoginSimulator gcrIn(Internet internet) {
        String key = "{\n  \"type\": \"service_account\",\n  \"private_key\": \"" + LoginSimulator.MARK + "é\\n\"\n}";
        LoginSimulator google = new LoginSimulator(
                "GCR", Place.at(Names.GCR).withRealm("https://gcr.io/v2/token"), new Login("_json_key", key), internet);
        Gate.Refusal refusal =
                (asked, repository) -> Reply.challenge("Bearer realm=\"https://gcr.io/v2/token\",service=gcr.io");
        Site registry = new RegistrySite(
                google.images(),
                Gate.bearer(google.tokens(), refusal, refusal),
                google.storage(Names.GCR_STORAGE).redirecting(302));
        TokenRules rules = new TokenRules(
                "gcr.io", (token, posted) -> "{\"token\":\"" + token + "\",\"expires_in\":3600,\"issued_at\":null}");
        internet.put(Names.GCR.host(), new TokenSite("/v2/token", rules, google).before(registry));
        return google;
    }
}
