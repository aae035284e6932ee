package dev.larder.nodecache.fake.login;

/**
 * zot with a password file and a policy that lets everyone read some repositories ({@code Basic realm="…"}; read in
 * https://github.com/project-zot/zot pkg/api/authn.go), and with a token server of its own whose realm is a path
 * (https://github.com/project-zot/zot/issues/4033: {@code /zot/auth/token}, GET and POST, seen).
 */
final class Zot {

    private Zot() {}

    static LoginSimulator basicIn(Internet internet) {
        LoginSimulator zot = simulator("zot, Basic", Place.at(Names.ZOT), internet);
        Gate.Refusal refusal = (asked, repository) -> Reply.challenge("Basic realm=\"Authorization Required\"");
        internet.put(
                Names.ZOT.host(),
                new RegistrySite(
                        zot.images(), Gate.basic(zot.accounts(), refusal, refusal), RegistrySite.BlobWay.DIRECT));
        return zot;
    }

    static LoginSimulator bearerIn(Internet internet) {
        String path = "/zot/auth/token";
        LoginSimulator zot = simulator("zot, Bearer", Place.at(Names.ZOT).withRealm(Names.ZOT.url() + path), internet);
        BearerChallenge challenge = new BearerChallenge(path, "zot");
        Site registry = new RegistrySite(zot.images(), challenge.gate(zot.tokens()), RegistrySite.BlobWay.DIRECT);
        TokenRules rules = new TokenRules("zot", TokenRules.ONLY_TOKEN).taking("GET", "password", "refresh_token");
        internet.put(Names.ZOT.host(), new TokenSite(path, rules, zot).before(registry));
        return zot;
    }

    private static LoginSimulator simulator(String name, Place place, Internet internet) {
        return new LoginSimulator(name, place, new Login("ann", LoginSimulator.MARK), internet);
    }
}
