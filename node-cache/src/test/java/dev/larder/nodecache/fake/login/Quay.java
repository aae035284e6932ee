package dev.larder.nodecache.fake.login;

/**
 * Quay: token server {@code /v2/auth}, GET only, tokens of an hour that it says nothing of, 401 to a wrong login, 400 to a
 * scope that it cannot read (https://github.com/quay/quay endpoints/v2/v2auth.py, seen). Robots are {@code org+name}, blobs
 * are on a CDN: read.
 */
final class Quay {

    private Quay() {}

    static LoginSimulator in(Internet internet) {
        Place place = Place.at(Names.QUAY).withRealm("https://quay.io/v2/auth");
        Login robot = new Login("acme+puller", LoginSimulator.MARK + "+/=&%");
        LoginSimulator quay = new LoginSimulator("Quay", place, robot, internet);
        BearerChallenge challenge = new BearerChallenge("https://quay.io/v2/auth", "quay.io");
        Site registry = new RegistrySite(
                quay.images(),
                challenge.gate(quay.tokens()),
                quay.storage(Names.QUAY_STORAGE).redirecting(302));
        TokenRules rules = new TokenRules("quay.io", TokenRules.ONLY_TOKEN);
        internet.put(Names.QUAY.host(), new TokenSite("/v2/auth", rules, quay).before(registry));
        return quay;
    }
}
