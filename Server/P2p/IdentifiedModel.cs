using ManagedSwarm.Gguf;

namespace ManagedSwarm.Server.P2p;

/// <summary>Which model a file is.</summary>
/// <param name="Hash">Its identity: SHA-256, 64 hex digits.</param>
/// <param name="Bytes">The size of its files.</param>
internal sealed record IdentifiedModel(string Hash, long Bytes)
{
    /// <inheritdoc cref="IdentifyModel"/>
    public static Task<IdentifiedModel> ComputeAsync(string path, string cacheFile, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            using var file = GgufFile.Open(path);
            var identity = new ModelIdentityCache(cacheFile).FindOrCompute(file, progress: null, cancellationToken);
            return new IdentifiedModel(identity.Hash, file.ByteLength);
        },
        cancellationToken);
}
