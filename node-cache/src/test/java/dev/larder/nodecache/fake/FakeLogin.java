package dev.larder.nodecache.fake;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** The registry's login: open, tokens for everyone as public hubs do, or tokens and Basic for one user only. */
public final class FakeLogin {

    public static final String USER = "ann";
    public static final String PASSWORD = "s3cret-pass";

    /** Who gets in. */
    public enum Mode {
        OPEN,
        /** A token is needed, and anybody gets one. */
        ANONYMOUS_TOKEN,
        /** A token is needed, and only the user gets one. */
        USER_TOKEN,
        USER_BASIC
    }

    public volatile Mode mode = Mode.OPEN;
    public volatile String realm = "";
    public volatile int tokenStatus;
    public volatile int expiresIn = 300;
    /** Where the user's token is good; everywhere when empty. */
    public volatile String onlyRepository = "";

    private volatile String userToken = "user-token-0123456789";

    private final FakeRegistry registry;
    private final AtomicInteger tokens = new AtomicInteger();

    FakeLogin(FakeRegistry registry) {
        this.registry = registry;
    }

    public static String basic() {
        return "Basic " + Base64.getEncoder().encodeToString((USER + ":" + PASSWORD).getBytes(StandardCharsets.UTF_8));
    }

    /** A token as the token endpoint gives to the user, with its scheme. */
    public String userToken() {
        return "Bearer " + userToken;
    }

    /** From now on the user's token is another one; the old one is good no more. */
    public void newUserToken() {
        userToken = "user-token-" + tokens.incrementAndGet();
    }

    /** From now on the user's token is this one. */
    public void newUserToken(String token) {
        userToken = token;
    }

    /** The same, as a JSON web token that says when it expires. */
    public void newUserToken(Instant expires) {
        userToken = base64("{\"alg\":\"none\"}") + "."
                + base64("{\"iss\":\"fake\",\"exp\":" + expires.getEpochSecond() + "}") + "."
                + tokens.incrementAndGet();
    }

    private static String base64(String json) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    boolean admits(Map<String, String> headers, String repository) {
        String authorization = headers.getOrDefault("authorization", "");
        return switch (mode) {
            case OPEN -> true;
            case ANONYMOUS_TOKEN ->
                authorization.startsWith("Bearer anonymous-token-") || isUser(authorization, repository);
            case USER_TOKEN -> isUser(authorization, repository);
            case USER_BASIC -> authorization.equals(basic());
        };
    }

    private boolean isUser(String authorization, String repository) {
        return authorization.equals(userToken()) && (onlyRepository.isEmpty() || repository.equals(onlyRepository));
    }

    String challenge(String repository) {
        if (mode == Mode.USER_BASIC) {
            return "Basic realm=\"fake\"";
        }
        String where = realm.isEmpty() ? registry.url() + "/token" : realm;
        return "Bearer realm=\"" + where + "\",service=fake.registry,scope=\"repository:" + repository + ":pull\"";
    }

    /** Status and body of the token endpoint. */
    Map.Entry<Integer, String> token(Map<String, String> headers) {
        if (tokenStatus != 0) {
            return Map.entry(tokenStatus, "{}");
        }
        String authorization = headers.getOrDefault("authorization", "");
        if (authorization.equals(basic())) {
            return Map.entry(200, "{\"token\":\"" + userToken + "\",\"expires_in\":" + expiresIn + "}");
        }
        if (mode == Mode.USER_TOKEN || !authorization.isEmpty()) {
            return Map.entry(401, "{}");
        }
        return Map.entry(
                200,
                "{\"token\":\"anonymous-token-" + tokens.incrementAndGet() + "\",\"expires_in\":" + expiresIn + "}");
    }
}
