/**
 * What training, reading, writing and serving do alike with files; not part of the API. {@link
 * kazoku.internal.files.Aside} writes them so that none is ever half there, {@link
 * kazoku.internal.files.MaskedCrc} is the checksum in TensorFlow's.
 */
package kazoku.internal.files;
