using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Gguf;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Transport.Weights;

namespace ManagedSwarm.Tests.Transport.Weights;

public sealed class OwnCopiesTests : IDisposable
{
    private const int OwnCopyUnusable = 3124;

    private readonly WeightModel _model = new();
    private readonly TemporaryFolder _folder = new();
    private readonly TestLog _log = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_file_with_the_models_hash_is_the_model_whatever_it_is_called()
    {
        var copy = _folder.File("renamed.gguf");
        File.Copy(_model.Path, copy);
        using var found = await FindAsync(Manifest(ModelIdentity.Compute(_model.File, cancellationToken: Cancellation).Hash), copy);
        Assert.Equal(copy, found?.Path);
    }

    [Fact]
    public async Task A_file_with_other_bytes_is_not()
    {
        var copy = _folder.File("model.gguf");
        var bytes = File.ReadAllBytes(_model.Path);
        bytes[^100] ^= 1;
        File.WriteAllBytes(copy, bytes);
        Assert.Null(await FindAsync(Manifest(ModelIdentity.Compute(_model.File, cancellationToken: Cancellation).Hash), copy));
    }

    [Fact]
    public async Task A_file_without_the_tensors_is_not_even_hashed()
    {
        Assert.Null(await FindAsync(Manifest(WeightModel.Hash), Repository.File("models-test/tiny.gguf")));
        Assert.False(File.Exists(_folder.File("identities.json")));
    }

    [Fact]
    public async Task Missing_and_broken_files_are_passed_over()
    {
        var broken = _folder.File("broken.gguf");
        File.WriteAllText(broken, "GGUF?");
        Assert.Null(await FindAsync(Manifest(WeightModel.Hash), _folder.File("missing.gguf"), _folder.Path, broken));
        Assert.Equal(3, _log.Of(OwnCopyUnusable).Count);
    }

    private WeightManifest Manifest(string hash) => WeightManifest.Create(_model.File, hash, new LayerRange(0, 1), _model.Hashes);

    private Task<GgufFile?> FindAsync(WeightManifest manifest, params string[] paths) =>
        new OwnCopies(paths, new(_folder.File("identities.json")), _log).FindAsync(manifest, Cancellation);
}
