package kazoku.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.TensorFlow;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Operands;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.AssetFileDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SaverDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

/**
 * The file {@code saved_model.pb}: signatures and the part of a graph that they need. {@code
 * SavedModelBundle.exporter} writes all of a graph, knows no assets, and fails where there are no
 * Variables.
 */
final class SavedModelFile {
  static final String NAME = "saved_model.pb";

  private final MetaGraphDef.Builder meta = MetaGraphDef.newBuilder();
  private final Set<String> roots = new HashSet<>();

  /**
   * A signature.
   *
   * @param inputs what is fed, by name
   * @param outputs what is fetched, by name
   */
  record Signature(Map<String, Operand<?>> inputs, Map<String, Operand<?>> outputs) {
    Signature() {
      this(new LinkedHashMap<>(), new LinkedHashMap<>());
    }

    Signature input(String name, Operand<?> value) {
      Export.put(inputs, name, value);
      return this;
    }

    Signature output(String name, Operand<?> value) {
      Export.put(outputs, name, value);
      return this;
    }
  }

  /**
   * A file of some signatures.
   *
   * @param tf operations of their graph
   * @param variables the Variables; null if there are none
   * @param assets names of texts
   */
  SavedModelFile(
      Ops tf, Map<String, Signature> signatures, Checkpoint variables, Collection<String> assets) {
    meta.getMetaInfoDefBuilder().addTags("serve").setTensorflowVersion(TensorFlow.version());
    signatures.forEach((key, signature) -> meta.putSignatureDef(key, definition(signature)));
    if (variables != null) {
      meta.setSaverDef(saver(tf, variables));
    }
    for (String asset : assets) {
      Operand<TString> path = tf.withName("asset_" + asset.replace('-', '_')).constant(asset);
      meta.addAssetFileDef(
          AssetFileDef.newBuilder().setTensorInfo(info(path)).setFilename(asset + ".txt"));
    }
    meta.setGraphDef(needed(((Graph) tf.scope().env()).toGraphDef()));
  }

  void write(Path folder) throws IOException {
    SavedModel model =
        SavedModel.newBuilder().setSavedModelSchemaVersion(1).addMetaGraphs(meta).build();
    Files.write(folder.resolve(NAME), model.toByteArray());
  }

  private SignatureDef definition(Signature signature) {
    SignatureDef.Builder definition =
        SignatureDef.newBuilder().setMethodName("tensorflow/serving/predict");
    signature.inputs.forEach((name, value) -> definition.putInputs(name, info(value)));
    signature.outputs.forEach((name, value) -> definition.putOutputs(name, info(value)));
    return definition.build();
  }

  private TensorInfo info(Operand<? extends TType> value) {
    roots.add(value.op().name());
    return TensorInfo.newBuilder()
        .setName(value.op().name() + ":" + value.asOutput().index())
        .setDtype(Operands.toDataType(value.type()))
        .setTensorShape(shape(value.asOutput().shape()))
        .build();
  }

  private static TensorShapeProto shape(Shape shape) {
    TensorShapeProto.Builder proto = TensorShapeProto.newBuilder();
    if (shape.isUnknown()) {
      return proto.setUnknownRank(true).build();
    }
    for (long size : shape.asArray()) {
      proto.addDim(TensorShapeProto.Dim.newBuilder().setSize(size));
    }
    return proto.build();
  }

  /** As Python and Java, which wants names of operations, both take it. */
  private SaverDef saver(Ops tf, Checkpoint variables) {
    Op saved = tf.withControlDependencies(variables.save()).identity(variables.prefix());
    roots.add(saved.op().name());
    roots.add(variables.restore().op().name());
    return SaverDef.newBuilder()
        .setFilenameTensorName(info(variables.prefix()).getName())
        .setSaveTensorName(saved.op().name())
        .setRestoreOpName(variables.restore().op().name())
        .setVersion(SaverDef.CheckpointFormatVersion.V2)
        .build();
  }

  /** What others do not depend on is left out: first values, and what was built on the way. */
  private GraphDef needed(GraphDef all) {
    Map<String, NodeDef> nodes = new HashMap<>();
    all.getNodeList().forEach(node -> nodes.put(node.getName(), node));
    Set<String> reached = new HashSet<>(roots);
    Deque<String> open = new ArrayDeque<>(roots);
    while (!open.isEmpty()) {
      for (String input : nodes.get(open.pop()).getInputList()) {
        String name = input.replaceAll("^\\^|:\\d+$", "");
        if (reached.add(name)) {
          open.push(name);
        }
      }
    }
    GraphDef.Builder some = all.toBuilder().clearNode();
    all.getNodeList().stream().filter(n -> reached.contains(n.getName())).forEach(some::addNode);
    return some.build();
  }
}
