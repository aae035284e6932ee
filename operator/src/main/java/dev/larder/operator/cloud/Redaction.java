package dev.larder.operator.cloud;

import java.util.regex.Pattern;

/** Takes out of a message what must not be shown: some services say a request's secrets back. */
final class Redaction {

    /** JSON web tokens, Google's access tokens, PEM and SigV4's parts. */
    private static final Pattern SECRET_LIKE = Pattern.compile("eyJ[\\w-]+(\\.[\\w-]*)*|ya29\\.[\\w.-]+"
            + "|-----BEGIN[^-]*-----[^-]*(-----END[^-]*-----)?|Signature=\\w+|Credential=\\S+");

    private static final int LONGEST = 400;

    private Redaction() {}

    /** @param secrets what the request was made with */
    static String of(String message, String... secrets) {
        String text = message;
        for (String secret : secrets) {
            if (!secret.isBlank()) {
                text = text.replace(secret.strip(), "***");
            }
        }
        text = SECRET_LIKE
                .matcher(text)
                .replaceAll("***")
                .replaceAll("\\s+", " ")
                .strip();
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST - 1) + "…";
    }
}
