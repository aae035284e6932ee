package dev.larder.nodecache.fake.login;

/**
 * GitHub's registry. Whoever sends any Authorization that is not good gets 403 DENIED without a challenge
 * (https://github.com/renovatebot/renovate/issues/11446, seen); so does nobody at the token server for a private package, and a
 * wrong token there (https://github.com/akuity/kargo/issues/4293, "GET https://ghcr.io/token?... DENIED", seen; the status
 * 403: read). The answer has only {@code token}: read.
 */
final class Ghcr {

    private Ghcr() {}

    static LoginSimulator in(Internet internet) {
        Place place = Place.at(Names.GHCR).withRealm("https://ghcr.io/token");
        Login login = new Login("anyone", "ghp_" + LoginSimulator.MARK);
        LoginSimulator ghcr = new LoginSimulator("GHCR", place, login, internet);
        BearerChallenge challenge = new BearerChallenge("https://ghcr.io/token", "ghcr.io");
        Reply denied = Reply.error(403, "DENIED", "denied");
        Site registry = new RegistrySite(
                ghcr.images(),
                Gate.bearer(ghcr.tokens(), challenge::toNobody, (asked, repository) -> denied),
                ghcr.storage(Names.GHCR_STORAGE).redirecting(307));
        TokenRules rules = new TokenRules("ghcr.io", TokenRules.ONLY_TOKEN).refusing(denied, denied);
        internet.put(Names.GHCR.host(), new TokenSite("/token", rules, ghcr).before(registry));
        return ghcr;
    }
}
