package dev.larder.operator.nodes;

/** What came of asking a node cache. */
public sealed interface NodeAnswer {

    record Said(NodeReport report) implements NodeAnswer {}

    /** @param why for people */
    record Silent(String why) implements NodeAnswer {}
}
