package dev.larder.nodecache.fake.login;

/**
 * Docker Hub: the token server on another host of the same domain, blobs by redirect.
 *
 * <p>Challenge, parameters and answer: https://distribution.github.io/distribution/spec/auth/token/, whose example is the
 * Hub's (seen). That a private repository asked for by nobody gets a token for nothing: the same, "it must not be considered
 * an error" (seen). 405 to POST: reported by clients (seen in source that works round it). Storage host: read.
 */
final class DockerHub {

    private DockerHub() {}

    static LoginSimulator in(Internet internet) {
        Place place = Place.at(Names.DOCKER_HUB).called("docker.io").withRealm("https://auth.docker.io/token");
        Login login = new Login("acme", "dckr_pat_" + LoginSimulator.MARK);
        LoginSimulator hub = new LoginSimulator("Docker Hub", place, login, internet);
        BearerChallenge challenge = new BearerChallenge("https://auth.docker.io/token", "registry.docker.io");
        internet.put(
                Names.DOCKER_HUB.host(),
                new RegistrySite(
                        hub.images(),
                        challenge.gate(hub.tokens()),
                        hub.storage(Names.DOCKER_STORAGE).redirecting(307)));
        TokenRules rules = new TokenRules(
                "registry.docker.io",
                (token, posted) -> "{\"token\":\"%s\",\"access_token\":\"%s\",\"expires_in\":300,\"issued_at\":\"%s\"}"
                        .formatted(token, token, "2026-11-01T00:00:00.123456789Z"));
        internet.put(Names.DOCKER_AUTH.host(), new TokenSite("/token", rules, hub));
        return hub;
    }
}
