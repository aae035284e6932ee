package dev.larder.nodecache.fake.login;

/**
 * A registry that asks nobody for anything.
 */
final class PlainRegistry {

    private PlainRegistry() {}

    static LoginSimulator in(Internet internet) {
        LoginSimulator registry =
                new LoginSimulator("plain", Place.at(Names.REGISTRY), new Login("ann", LoginSimulator.MARK), internet);
        internet.put(
                Names.REGISTRY.host(), new RegistrySite(registry.images(), Gate.open(), RegistrySite.BlobWay.DIRECT));
        return registry;
    }
}
