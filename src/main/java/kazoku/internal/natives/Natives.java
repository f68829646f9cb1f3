package kazoku.internal.natives;

import static org.tensorflow.internal.c_api.global.tensorflow.TF_DeleteDeviceList;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_DeviceListCount;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_DeviceListMemoryBytes;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_DeviceListName;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_GetRegisteredKernelsForOp;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_SessionListDevices;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_SetConfig;

import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.tensorflow.internal.c_api.TF_Buffer;
import org.tensorflow.internal.c_api.TF_DeviceList;
import org.tensorflow.internal.c_api.TF_Graph;
import org.tensorflow.internal.c_api.TF_Session;
import org.tensorflow.internal.c_api.TF_SessionOptions;
import org.tensorflow.internal.c_api.TF_Status;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.GPUOptions;
import org.tensorflow.proto.KernelDef;
import org.tensorflow.proto.KernelList;

/** What TensorFlow's C interface tells of the native library and the devices. */
public final class Natives {
  private static final long MEGA = 1 << 20;

  /** JavaCPP reads both when its first pointer is made. */
  private static final List<String> LIMIT =
      List.of("org.bytedeco.javacpp.maxphysicalbytes", "org.bytedeco.javacpp.maxPhysicalBytes");

  private Natives() {}

  /**
   * Lets JavaCPP make pointers without asking the operating system, for each of them, how much
   * memory the process has: that takes longer than a small model's step. It compares the answer
   * with four times the heap, which is for native memory that nobody closes.
   *
   * <p>A limit that somebody has set stays, and nothing changes after JavaCPP's first use.
   */
  public static void leaveMemoryUnlimited() {
    if (LIMIT.stream().allMatch(name -> System.getProperty(name) == null)) {
      System.setProperty(LIMIT.get(0), "0");
    }
  }

  /**
   * Which native library there is.
   *
   * @return its classifier, {@code linux-x86_64} or {@code linux-x86_64-gpu}
   */
  public static String classifier() {
    String gpu = Loader.getPlatform() + "-gpu";
    String library =
        "/org/tensorflow/internal/c_api/" + gpu + "/" + System.mapLibraryName("jnitensorflow");
    return TF_Status.class.getResource(library) != null ? gpu : Loader.getPlatform();
  }

  /**
   * For which kinds of devices matrices can be multiplied.
   *
   * @return their names, {@code CPU} and perhaps {@code GPU}
   */
  public static List<String> kinds() {
    // TensorFlow adds compilers, XLA_CPU_JIT, with its first session.
    return kernels("MatMul").stream()
        .map(KernelDef::getDeviceType)
        .filter(kind -> !kind.startsWith("XLA_"))
        .distinct()
        .sorted()
        .toList();
  }

  /**
   * The kernels of an operation, for all devices and types.
   *
   * @param operation its name, {@code MatMul}
   * @return none if there is no such operation
   */
  @SuppressWarnings("try") // What is made within a scope is freed at its end.
  static List<KernelDef> kernels(String operation) {
    try (PointerScope scope = new PointerScope()) {
      TF_Status status = TF_Status.newStatus();
      TF_Buffer kernels = TF_GetRegisteredKernelsForOp(operation, status);
      status.throwExceptionIfNotOK();
      return KernelList.parseFrom(kernels.dataAsByteBuffer()).getKernelList();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("TensorFlow's list of kernels cannot be read", e);
    }
  }

  /**
   * Asks a session of its own for its devices. TensorFlow gives a process the threads that its
   * first session asks for.
   *
   * @return a text for each device
   */
  @SuppressWarnings("try") // What is made within a scope is freed at its end.
  public static List<String> devices() {
    ConfigProto config =
        ConfigProto.newBuilder()
            .setGpuOptions(GPUOptions.newBuilder().setAllowGrowth(true))
            .build();
    try (PointerScope scope = new PointerScope()) {
      TF_Status status = TF_Status.newStatus();
      TF_SessionOptions options = TF_SessionOptions.newSessionOptions();
      byte[] bytes = config.toByteArray();
      TF_SetConfig(options, new BytePointer(bytes), bytes.length, status);
      status.throwExceptionIfNotOK();
      TF_Session session = TF_Session.newSession(TF_Graph.newGraph(), options, status);
      status.throwExceptionIfNotOK();
      TF_DeviceList list = TF_SessionListDevices(session, status);
      status.throwExceptionIfNotOK();
      List<String> devices = new ArrayList<>();
      for (int i = 0; i < TF_DeviceListCount(list); i++) {
        String name = TF_DeviceListName(list, i, status).getString();
        long memory = TF_DeviceListMemoryBytes(list, i, status) / MEGA;
        String device = name.substring(name.indexOf("device:") + "device:".length());
        devices.add(device.startsWith("CPU") ? device : device + " (" + memory + " MB)");
      }
      TF_DeleteDeviceList(list);
      return devices;
    }
  }

  /**
   * The memory of this process and of the machine.
   *
   * @return a text
   */
  public static String memory() {
    Runtime runtime = Runtime.getRuntime();
    long limit = Pointer.maxPhysicalBytes();
    return "heap %,d of %,d MB; process %,d MB, %s; machine %,d MB, %,d MB of them free"
        .formatted(
            (runtime.totalMemory() - runtime.freeMemory()) / MEGA,
            runtime.maxMemory() / MEGA,
            Pointer.physicalBytes() / MEGA,
            limit > 0 ? "limited by JavaCPP to %,d MB".formatted(limit / MEGA) : "not limited",
            Pointer.totalPhysicalBytes() / MEGA,
            Pointer.availablePhysicalBytes() / MEGA);
  }
}
