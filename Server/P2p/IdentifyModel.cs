using ManagedSwarm.Gguf;

namespace ManagedSwarm.Server.P2p;

/// <summary>Finds out which model a file is: may read all of it, which takes minutes.</summary>
/// <param name="path">The file; of a split model, the first.</param>
/// <param name="cacheFile">Remembers what was found out before.</param>
/// <param name="cancellationToken">Gives up.</param>
/// <exception cref="GgufFormatException">It is no GGUF file.</exception>
/// <exception cref="IOException">It cannot be read.</exception>
internal delegate Task<IdentifiedModel> IdentifyModel(string path, string cacheFile, CancellationToken cancellationToken);
