package dev.larder.nodecache.fake.login;

/**
 * Amazon ECR: Basic with {@code AWS} and a password of some 2,000 characters, no token server, nothing open, blobs in S3.
 *
 * <p>Challenge: https://github.com/mayflower/docker-ls/issues/28 (seen); the plain text of its 401:
 * https://github.com/mdlavin/copy-docker-image/issues/5 (seen). A password of more than 12 hours: 403 "Your authorization token has
 * expired. Reauthenticate and try again." (text seen in https://github.com/aws/aws-cli/issues/6580, status read from
 * https://github.com/awslabs/soci-snapshotter/issues/1148).
 */
final class EcrPrivate {

    private EcrPrivate() {}

    static LoginSimulator in(Internet internet) {
        Login login = new Login("AWS", LoginSimulator.MARK + "eyJwYXlsb2FkIjoi".repeat(150));
        LoginSimulator ecr = new LoginSimulator("ECR", Place.at(Names.ECR), login, internet);
        ecr.accounts().close(ecr.openRepository());
        Reply challenge = Reply.of(401, "text/plain; charset=utf-8", "Not Authorized\n")
                .with(
                        "WWW-Authenticate",
                        "Basic realm=\"https://" + Names.ECR.host() + "/\",service=\"ecr.amazonaws.com\"");
        Reply expired =
                Reply.error(403, "DENIED", "Your authorization token has expired. Reauthenticate and try again.");
        internet.put(
                Names.ECR.host(),
                new RegistrySite(
                        ecr.images(),
                        Gate.basic(ecr.accounts(), (asked, repository) -> challenge, (asked, repository) -> expired),
                        ecr.storage(Names.ECR_STORAGE).redirecting(307)));
        return ecr;
    }
}
