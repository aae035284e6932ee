package dev.larder.nodecache.fake.login;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What a simulated host answers.
 *
 * @param headers in order; a name may come several times
 * @param status 0 for no answer at all, for ever
 */
@SuppressWarnings("ArrayRecordComponent")
public record Reply(int status, List<Map.Entry<String, String>> headers, byte[] body) {

    public Reply {
        headers = List.copyOf(headers);
    }

    public static Reply of(int status, String type, String body) {
        return new Reply(status, List.of(Map.entry("Content-Type", type)), body.getBytes(StandardCharsets.UTF_8));
    }

    public static Reply json(int status, String body) {
        return of(status, "application/json", body);
    }

    /** An error as the distribution specification wants it. */
    public static Reply error(int status, String code, String message) {
        return json(status, "{\"errors\":[{\"code\":\"" + code + "\",\"message\":\"" + message + "\"}]}");
    }

    /** 401 with these challenges, each in a header of its own. */
    public static Reply challenge(String... challenges) {
        Reply reply = error(401, "UNAUTHORIZED", "authentication required")
                .with("Docker-Distribution-Api-Version", "registry/2.0");
        for (String challenge : challenges) {
            reply = reply.with("WWW-Authenticate", challenge);
        }
        return reply;
    }

    public static Reply redirect(int status, String location) {
        return of(status, "text/plain", "").with("Location", location);
    }

    public static Reply hang() {
        return new Reply(0, List.of(), new byte[0]);
    }

    Reply rechallenged(Function<String, List<String>> change) {
        Reply other = new Reply(status, List.of(), body);
        for (Map.Entry<String, String> header : headers) {
            boolean challenge = header.getKey().equals("WWW-Authenticate");
            for (String value : challenge ? change.apply(header.getValue()) : List.of(header.getValue())) {
                other = other.with(header.getKey(), value);
            }
        }
        return other;
    }

    public Reply with(String header, String value) {
        List<Map.Entry<String, String>> more = new ArrayList<>(headers);
        more.add(Map.entry(header, value));
        return new Reply(status, more, body);
    }
}
