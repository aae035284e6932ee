package dev.larder.nodecache.registry;

/**
 * A pattern over names: {@code *} stands for any text, slashes included, {@code ?} for one character. Matching takes at
 * most as many steps as pattern and name have characters, multiplied, whatever the stars.
 */
record Glob(String pattern) {

    static Glob of(String text) {
        return new Glob(text);
    }

    boolean matches(String name) {
        int p = 0;
        int n = 0;
        int star = -1;
        int taken = 0;
        while (n < name.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                taken = n;
            } else if (p < pattern.length() && (pattern.charAt(p) == '?' || pattern.charAt(p) == name.charAt(n))) {
                p++;
                n++;
            } else if (star >= 0) {
                // The last star takes one more; earlier ones need not be looked at again.
                p = star + 1;
                n = ++taken;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}
