import java.io.OutputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarFile;
import org.apache.hbase.thirdparty.com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import org.apache.hbase.thirdparty.com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import org.apache.hbase.thirdparty.com.google.protobuf.Descriptors.FileDescriptor;

/**
 * Writes the protocol definitions inside HBase's protocol jar, and those of its aggregation endpoint, as a FileDescriptorSet, the format of
 * protoc --descriptor_set_out:  run protocol-2.6 DumpDescriptors.java FILE
 */
public final class DumpDescriptors {
  private static final String PACKAGE = "org/apache/hadoop/hbase/shaded/protobuf/generated/";

  public static void main(String[] args) throws Exception {
    Map<String, FileDescriptor> files = new TreeMap<>();
    URL client = DumpDescriptors.class.getClassLoader().getResource(PACKAGE + "ClientProtos.class");
    try (JarFile jar = ((JarURLConnection) client.openConnection()).getJarFile()) {
      for (String name : (Iterable<String>) jar.stream().map(entry -> entry.getName())::iterator) {
        if (!name.matches(PACKAGE + "[A-Za-z0-9]+\\.class")) continue;
        Class<?> outer = Class.forName(name.replace(".class", "").replace('/', '.'));
        try {
          Object descriptor = outer.getMethod("getDescriptor").invoke(null);
          if (descriptor instanceof FileDescriptor) add((FileDescriptor) descriptor, files);
        } catch (NoSuchMethodException e) {
          // a class for a message and not for a file: its file has a class of its own
        }
      }
    }
    if (files.isEmpty()) throw new IllegalStateException("no definitions in " + client);
    FileDescriptorSet.Builder set = FileDescriptorSet.newBuilder();
    files.values().forEach(file -> set.addFile(file.toProto()));
    if (files.keySet().stream().noneMatch(name -> name.endsWith("Aggregate.proto"))) set.addFile(ofEndpoints("AggregateProtos"));
    try (OutputStream out = Files.newOutputStream(Path.of(args[0]))) { set.build().writeTo(out); }
    System.out.println(files.size() + " files");
  }

  /** Of 2.x, whose hbase-endpoint knows protobuf by its own name and not by that of HBase's copy. */
  private static FileDescriptorProto ofEndpoints(String outer) throws Exception {
    Object file = Class.forName("org.apache.hadoop.hbase.protobuf.generated." + outer).getMethod("getDescriptor").invoke(null);
    Object proto = file.getClass().getMethod("toProto").invoke(file);
    return FileDescriptorProto.parseFrom((byte[]) proto.getClass().getMethod("toByteArray").invoke(proto));
  }

  private static void add(FileDescriptor file, Map<String, FileDescriptor> files) {
    if (files.putIfAbsent(file.getName(), file) != null) return;
    file.getDependencies().forEach(dependency -> add(dependency, files));
  }
}
