package dev.larder.e2e.bench;

import dev.larder.e2e.cluster.NativeNode;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/** Resident memory of Larder's processes as they run in the cluster, read from the kernel. */
final class MemoryBench {

    private static final List<String> PROGRAMS = List.of("node-cache", "hosts-writer", "operator");

    private MemoryBench() {}

    static void run(NativeNode node, PrintStream out) {
        String processes = node.command("ps", "-eo", "rss=,args=").run();
        out.printf("%nResident memory in the cluster, after the pulls above%n");
        for (String program : PROGRAMS) {
            processes
                    .lines()
                    .map(String::strip)
                    .filter(line -> line.contains("@/opt/larder/" + program + ".args"))
                    .mapToLong(line -> Long.parseLong(line.substring(0, line.indexOf(' '))))
                    .forEach(kibibytes -> out.printf(Locale.ROOT, "  %-14s %6.1f MiB%n", program, kibibytes / 1024.0));
        }
    }
}
