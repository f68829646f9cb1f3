package kazoku.benchmark;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import kazoku.Loop;
import kazoku.io.Onnx;
import kazoku.train.Export;
import kazoku.train.Model;

/** The layer of a case as a model, in the forms in which it is exported. */
final class KazokuModel {
  private final Path folder;
  private final Case what;

  /**
   * A case's model.
   *
   * @param folder where exports of earlier calls are
   */
  KazokuModel(Path folder, Case what) {
    this.folder = folder.resolve("models").resolve(what.file());
    this.what = what;
  }

  /** A SavedModel, exported if there is none. */
  Path exported(Way way, int threads) {
    Path place =
        folder.resolve(
            (way.frozen() ? "frozen-" : "variables-")
                + way.loop().form()
                + (way.whole() ? "-whole" : "-" + threads)
                + (way.loop().unroll() == Loop.AUTO_UNROLL ? "" : "-" + way.loop().unroll()));
    if (!Files.exists(place)) {
      try (Model model = model(way, threads)) {
        model.export(place, way.frozen() ? Export.frozen() : Export.variables());
      }
    }
    return place;
  }

  /** A file for ONNX Runtime, written if there is none. */
  Path onnx() {
    Path place = folder.resolve("model.onnx");
    if (!Files.exists(place)) {
      try (Model model = model(Way.DEFAULT, 1)) {
        Onnx.write(place, model);
      }
    }
    return place;
  }

  private Model model(Way way, int threads) {
    Model model = Model.of(way.layer(what, threads), 1, way.session(threads));
    Map<String, float[]> weights = new LinkedHashMap<>();
    for (String name : model.weights()) {
      int size = (int) model.shape(name).size();
      weights.put(name, Numbers.weight(what, KazokuTraining.symbol(name), size));
    }
    model.weights(weights);
    return model;
  }
}
