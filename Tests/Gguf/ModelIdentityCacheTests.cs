using ManagedSwarm.Gguf;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Gguf;

public sealed class ModelIdentityCacheTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Recorded<HashProgress> _read = new();
    private readonly ModelIdentityCache _cache;

    public ModelIdentityCacheTests() => _cache = new(CachePath);

    private string CachePath => _folder.File("cache/identities.json");

    private string ModelPath => _folder.File("model.gguf");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_model_that_is_known_is_not_read_again()
    {
        SampleFiles.CreateWriter().Save(ModelPath);
        using (var file = GgufFile.Open(ModelPath))
        {
            Assert.Null(_cache.Find(file));
        }

        var computed = FindOrCompute(ModelPath);
        Assert.NotEmpty(_read.Values);
        _read.Values.Clear();
        var found = FindOrCompute(ModelPath);
        Assert.Empty(_read.Values);
        AssertSame(computed, found);
        using var again = GgufFile.Open(ModelPath);
        AssertSame(computed, new ModelIdentityCache(CachePath).Find(again)!);
        Assert.Equal([CachePath], Directory.GetFiles(Path.GetDirectoryName(CachePath)!));
    }

    [Fact]
    public void A_hit_reads_no_byte_of_a_tensor()
    {
        SampleFiles.CreateWriter().Save(ModelPath);
        var computed = FindOrCompute(ModelPath);

        // As long and as old as before: only who reads the tensors could know.
        var modified = File.GetLastWriteTimeUtc(ModelPath);
        var bytes = File.ReadAllBytes(ModelPath);
        bytes[^40] ^= 1;
        File.WriteAllBytes(ModelPath, bytes);
        File.SetLastWriteTimeUtc(ModelPath, modified);
        Assert.Equal(computed.Hash, FindOrCompute(ModelPath).Hash);
    }

    [Fact]
    public void A_file_that_was_written_later_is_read_again()
    {
        SampleFiles.CreateWriter().Save(ModelPath);
        var computed = FindOrCompute(ModelPath);
        File.SetLastWriteTimeUtc(ModelPath, File.GetLastWriteTimeUtc(ModelPath).AddTicks(1000));
        _read.Values.Clear();
        AssertSame(computed, FindOrCompute(ModelPath));
        Assert.NotEmpty(_read.Values);
        Assert.Single(Cached().Models);
    }

    [Fact]
    public void A_file_of_another_length_or_name_is_read_again()
    {
        SampleFiles.CreateWriter().Save(ModelPath);
        var computed = FindOrCompute(ModelPath);
        var modified = File.GetLastWriteTimeUtc(ModelPath);
        using (var stream = new FileStream(ModelPath, FileMode.Append))
        {
            stream.WriteByte(0);
        }

        File.SetLastWriteTimeUtc(ModelPath, modified);
        _read.Values.Clear();
        AssertSame(computed, FindOrCompute(ModelPath));
        Assert.NotEmpty(_read.Values);
        File.Copy(ModelPath, _folder.File("copy.gguf"));
        _read.Values.Clear();
        AssertSame(computed, FindOrCompute(_folder.File("copy.gguf")));
        Assert.NotEmpty(_read.Values);
        Assert.Equal(2, Cached().Models.Count);
    }

    [Fact]
    public void All_files_of_a_split_model_count()
    {
        var parts = SampleFiles.CreateWriter().SaveSplit(_folder.File("model"), maxDataBytes: 700);
        var computed = FindOrCompute(parts[0]);
        _read.Values.Clear();
        AssertSame(computed, FindOrCompute(parts[1]));
        Assert.Empty(_read.Values);
        File.SetLastWriteTimeUtc(parts[^1], File.GetLastWriteTimeUtc(parts[^1]).AddSeconds(1));
        AssertSame(computed, FindOrCompute(parts[0]));
        Assert.NotEmpty(_read.Values);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("\0\0\0\0")]
    [InlineData("{\"version\":1}")]
    [InlineData("{\"version\":1,\"models\":null}")]
    [InlineData("{\"version\":1,\"models\":[null]}")]
    [InlineData("{\"version\":1,\"models\":[{}]}")]
    [InlineData("{\"version\":1,\"models\":[{\"files\":[],\"hash\":\"\",\"tensors\":{}}]}")]
    [InlineData("{\"version\":1,\"models\":[{\"files\":[null],\"hash\":\"\",\"tensors\":{}}]}")]
    [InlineData("{\"version\":2,\"models\":[]}")]
    public void A_damaged_cache_is_as_good_as_none(string text)
    {
        SampleFiles.CreateWriter().Save(ModelPath);
        Directory.CreateDirectory(Path.GetDirectoryName(CachePath)!);
        File.WriteAllText(CachePath, text);
        var computed = FindOrCompute(ModelPath);
        Assert.NotEmpty(_read.Values);
        _read.Values.Clear();
        AssertSame(computed, FindOrCompute(ModelPath));
        Assert.Empty(_read.Values);
    }

    [Theory]
    [InlineData("\"hash\":\"", "\"hash\":\"X")]
    [InlineData("\"v\":\"", "\"v\":\"X")]
    [InlineData("\"v\":\"", "\"w\":\"")]
    public void A_cached_identity_that_does_not_fit_the_file_is_not_believed(string original, string damaged)
    {
        SampleFiles.CreateWriter().Save(ModelPath);
        var computed = FindOrCompute(ModelPath);
        var text = File.ReadAllText(CachePath);
        Assert.Contains(original, text, StringComparison.Ordinal);
        File.WriteAllText(CachePath, text.Replace(original, damaged, StringComparison.Ordinal));
        _read.Values.Clear();
        AssertSame(computed, FindOrCompute(ModelPath));
        Assert.NotEmpty(_read.Values);
    }

    [Fact]
    public void A_cache_that_cannot_be_written_costs_only_time()
    {
        SampleFiles.CreateWriter().Save(ModelPath);
        File.WriteAllText(_folder.File("cache"), "a file where the folder should be");
        var computed = FindOrCompute(ModelPath);
        AssertSame(computed, FindOrCompute(ModelPath));
    }

    [Fact]
    public void A_cancelled_computation_is_not_remembered()
    {
        SampleFiles.CreateWriter().Save(ModelPath);
        using var file = GgufFile.Open(ModelPath);
        Assert.Throws<OperationCanceledException>(() => _cache.FindOrCompute(file, _read, new CancellationToken(canceled: true)));
        Assert.Null(_cache.Find(file));
        Assert.False(File.Exists(CachePath));
    }

    [Fact]
    public void A_file_that_changes_while_it_is_read_is_not_remembered()
    {
        SampleFiles.CreateWriter().Save(ModelPath);
        var modified = File.GetLastWriteTimeUtc(ModelPath);
        using var file = GgufFile.Open(ModelPath);
        var touching = new Recorded<HashProgress>(_ => File.SetLastWriteTimeUtc(ModelPath, DateTime.UnixEpoch));
        _cache.FindOrCompute(file, touching, TestContext.Current.CancellationToken);
        Assert.Null(_cache.Find(file));
        File.SetLastWriteTimeUtc(ModelPath, modified);
        Assert.Null(_cache.Find(file));
    }

    [Fact]
    public void Not_more_models_are_remembered_than_allowed()
    {
        SampleFiles.CreateWriter().Save(ModelPath);
        FindOrCompute(ModelPath);
        var one = Assert.Single(Cached().Models);
        var many = Enumerable.Range(0, 2 * ModelIdentityCache.MaxModels).Select(i => one with { Files = [one.Files[0] with { Path = $"/{i}" }] });
        using (var stream = File.Create(CachePath))
        {
            System.Text.Json.JsonSerializer.Serialize(stream, new(1, [.. many]), ModelIdentityJson.Default.CachedIdentities);
        }

        FindOrCompute(ModelPath);
        var kept = Cached().Models;
        Assert.Equal(ModelIdentityCache.MaxModels, kept.Count);
        Assert.Equal(ModelPath, kept[^1].Files[0].Path);
        Assert.Equal("/511", kept[^2].Files[0].Path);
    }

    private static void AssertSame(ModelIdentity expected, ModelIdentity actual)
    {
        Assert.Equal(expected.Hash, actual.Hash);
        Assert.Equal(expected.TensorHashes, actual.TensorHashes);
    }

    private CachedIdentities Cached()
    {
        using var stream = File.OpenRead(CachePath);
        return System.Text.Json.JsonSerializer.Deserialize(stream, ModelIdentityJson.Default.CachedIdentities)!;
    }

    private ModelIdentity FindOrCompute(string path)
    {
        using var file = GgufFile.Open(path);
        return _cache.FindOrCompute(file, _read, TestContext.Current.CancellationToken);
    }
}
