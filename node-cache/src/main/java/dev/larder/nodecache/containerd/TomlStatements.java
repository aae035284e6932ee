package dev.larder.nodecache.containerd;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts TOML text into its statements, so that text can be put between two of them without touching either. Knows just
 * enough of the grammar for that: strings, comments and brackets. Expects text that a real parser has accepted.
 */
final class TomlStatements {

    enum Kind {
        BLANK,
        COMMENT,
        HEADER,
        PAIR
    }

    /** One statement with its line end; {@code end} is where the next begins. */
    record Statement(Kind kind, int start, int end) {
        String in(String text) {
            return text.substring(start, end);
        }
    }

    private final String text;
    private int at;

    private TomlStatements(String text) {
        this.text = text;
    }

    static List<Statement> of(String text) {
        TomlStatements reader = new TomlStatements(text);
        List<Statement> statements = new ArrayList<>();
        while (reader.at < text.length()) {
            statements.add(reader.next());
        }
        return statements;
    }

    private Statement next() {
        int start = at;
        while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
            at++;
        }
        Kind kind = at == text.length() ? Kind.BLANK : kindOf(text.charAt(at));
        skipStatement();
        return new Statement(kind, start, at);
    }

    private static Kind kindOf(char first) {
        return switch (first) {
            case '\n', '\r' -> Kind.BLANK;
            case '#' -> Kind.COMMENT;
            case '[' -> Kind.HEADER;
            default -> Kind.PAIR;
        };
    }

    /** To behind the line end that is in no string and in no brackets. */
    private void skipStatement() {
        int depth = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            switch (c) {
                case '\n' -> {
                    at++;
                    if (depth == 0) {
                        return;
                    }
                }
                case '#' -> skipComment();
                case '"', '\'' -> skipString(c);
                case '[', '{' -> {
                    depth++;
                    at++;
                }
                case ']', '}' -> {
                    depth--;
                    at++;
                }
                default -> at++;
            }
        }
    }

    private void skipComment() {
        while (at < text.length() && text.charAt(at) != '\n') {
            at++;
        }
    }

    private void skipString(char quote) {
        String triple = String.valueOf(quote).repeat(3);
        boolean multiline = text.startsWith(triple, at);
        at += multiline ? 3 : 1;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '\\' && quote == '"') {
                at += 2;
            } else if (multiline && text.startsWith(triple, at)) {
                at += 3;
                while (at < text.length() && text.charAt(at) == quote) {
                    at++; // up to two quotes may belong to the string itself
                }
                return;
            } else if (!multiline && c == quote) {
                at++;
                return;
            } else {
                at++;
            }
        }
        at = Math.min(at, text.length());
    }
}
