package dev.larder.nodecache.fake.login;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A token server by https://distribution.github.io/distribution/spec/auth/token/ (GET, one {@code scope} parameter a scope)
 * and https://distribution.github.io/distribution/spec/auth/oauth/ (POST, scopes in one field with spaces between), as
 * strict as Quay, which answers 400 to a scope it cannot read (quay/quay endpoints/v2/v2auth.py, seen).
 */
final class TokenSite implements Site {

    private static final Pattern SCOPE = Pattern.compile("repository:([a-z0-9._/-]+):([a-z*]+(?:,[a-z*]+)*)");

    private final String path;
    private final TokenRules rules;
    private final Accounts accounts;
    private final Tokens tokens;

    TokenSite(String path, TokenRules rules, LoginSimulator simulator) {
        this.path = path;
        this.rules = rules;
        this.accounts = simulator.accounts();
        this.tokens = simulator.tokens();
    }

    /** As a part of a host that does more. */
    Site before(Site other) {
        return asked -> asked.path().equals(path) ? answer(asked) : other.answer(asked);
    }

    @Override
    public Reply answer(Asked asked) {
        if (!asked.path().equals(path)) {
            return Reply.error(404, "NOT_FOUND", "no such path");
        }
        boolean posted = asked.method().equals("POST");
        if (posted ? rules.ways().equals(Set.of("GET")) : !rules.ways().contains(asked.method())) {
            return Reply.error(405, "UNSUPPORTED", "method not allowed");
        }
        if (!rules.service().equals(asked.first("service"))) {
            return Reply.error(400, "UNSUPPORTED", "unable to handle service");
        }
        Optional<Login> login = posted ? formLogin(asked) : asked.basic();
        if (posted && login.isEmpty()) {
            return Reply.json(400, "{\"error\":\"unsupported_grant_type\"}");
        }
        if (login.isPresent() && !accounts.knows(login.get())) {
            return rules.wrongLogin();
        }
        List<String> scopes = posted ? List.of(asked.first("scope").split(" ", -1)) : asked.all("scope");
        return grant(scopes, login.isPresent(), posted);
    }

    private Optional<Login> formLogin(Asked asked) {
        String grant = asked.first("grant_type");
        if (!rules.ways().contains(grant)) {
            return Optional.empty();
        }
        return Optional.of(
                grant.equals("refresh_token")
                        ? new Login(accounts.login().user(), asked.first("refresh_token"))
                        : new Login(asked.first("username"), asked.first("password")));
    }

    private Reply grant(List<String> scopes, boolean known, boolean posted) {
        List<Matcher> wanted = scopes.stream().map(SCOPE::matcher).toList();
        if (!wanted.stream().allMatch(Matcher::matches)) {
            return Reply.error(400, "INVALID_REQUEST", "unable to decode repository and actions");
        }
        Set<String> granted = wanted.stream()
                .map(scope -> scope.group(1))
                .filter(repository -> known || accounts.isOpen(repository))
                .collect(Collectors.toSet());
        Reply nothing = rules.nothingGranted();
        return granted.isEmpty() && nothing != null
                ? nothing
                : Reply.json(200, rules.form().body(tokens.mint(granted), posted));
    }
}
