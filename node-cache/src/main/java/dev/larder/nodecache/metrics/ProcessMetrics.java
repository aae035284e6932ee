package dev.larder.nodecache.metrics;

import dev.larder.nodecache.metrics.LiveMetrics.Row;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * What the process uses, by the names that Prometheus' own client libraries give to it. Read from the kernel and the
 * virtual machine at each scrape: nothing is sampled, and nothing is kept in between.
 */
final class ProcessMetrics {

    private static final Path PROC = Path.of("/proc/self");
    /** The kernel's USER_HZ, a constant of its interface to programs (proc(5)). */
    private static final double TICKS_PER_SECOND = 100;

    private static final int UTIME = 14;
    private static final int STIME = 15;

    private ProcessMetrics() {}

    static void register(LiveMetrics live) {
        live.gauge(
                "process_resident_memory_bytes",
                "Memory of the process that is in RAM.",
                List.of(),
                () -> List.of(Row.of(statusKibibytes("VmRSS:") * 1024)));
        live.gauge("process_open_fds", "Open file descriptors.", List.of(), () -> List.of(Row.of(openDescriptors())));
        live.counter(
                "process_cpu_seconds_total",
                "CPU time used, in the kernel too.",
                List.of(),
                () -> List.of(Row.of(cpuSeconds())));
        live.gauge(
                "jvm_threads_current",
                "Threads of the system, virtual ones left out.",
                List.of(),
                () -> List.of(Row.of(ManagementFactory.getThreadMXBean().getThreadCount())));
        live.gauge(
                "jvm_memory_used_bytes",
                "Memory that Java objects and Java itself use.",
                List.of("area"),
                () -> memory(MemoryUsage::getUsed));
        live.gauge(
                "jvm_memory_committed_bytes",
                "Memory that Java has taken from the system for that.",
                List.of("area"),
                () -> memory(MemoryUsage::getCommitted));
        live.counter(
                "jvm_gc_collection_seconds_total",
                "Time spent collecting garbage.",
                List.of("gc"),
                ProcessMetrics::collections);
    }

    private static List<Row> memory(ToLongFunction<MemoryUsage> part) {
        var memory = ManagementFactory.getMemoryMXBean();
        return List.of(
                Row.of((double) part.applyAsLong(memory.getHeapMemoryUsage()), "heap"),
                Row.of((double) part.applyAsLong(memory.getNonHeapMemoryUsage()), "nonheap"));
    }

    private static List<Row> collections() {
        List<Row> rows = new ArrayList<>();
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            rows.add(Row.of(Math.max(0, collector.getCollectionTime()) / 1e3, collector.getName()));
        }
        return rows;
    }

    private static double statusKibibytes(String field) {
        try (Stream<String> lines = Files.lines(PROC.resolve("status"))) {
            return lines.filter(line -> line.startsWith(field))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return Double.NaN;
        }
    }

    private static double openDescriptors() {
        try (Stream<Path> open = Files.list(PROC.resolve("fd"))) {
            // The listing's own is one of them.
            return open.count() - 1.0;
        } catch (IOException e) {
            return Double.NaN;
        }
    }

    /** Fields are counted behind the program's name, which may hold spaces and brackets. */
    private static double cpuSeconds() {
        try {
            String stat = Files.readString(PROC.resolve("stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", STIME);
            return (Long.parseLong(fields[UTIME - 3]) + Long.parseLong(fields[STIME - 3])) / TICKS_PER_SECOND;
        } catch (IOException e) {
            return 0;
        }
    }
}
