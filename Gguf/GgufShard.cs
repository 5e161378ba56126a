namespace ManagedSwarm.Gguf;

/// <summary>One open file: all of a model, or a part of a split one.</summary>
internal sealed class GgufShard : IDisposable
{
    public const string NumberKey = "split.no";

    public const string CountKey = "split.count";

    public const string TensorCountKey = "split.tensors.count";

    private GgufShard(MappedFile file, GgufHeader header)
    {
        File = file;
        Header = header;
    }

    public MappedFile File { get; }

    public GgufHeader Header { get; }

    /// <summary>Opens the file, and where it is one of a split model, all the others, in their order.</summary>
    public static List<GgufShard> OpenAll(string path, GgufLimits limits)
    {
        var opened = Open(path, limits);
        var shards = new List<GgufShard> { opened };
        try
        {
            var count = opened.Header.Metadata.Get(CountKey, 1);
            if (count > 1)
            {
                OpenOthers(shards, ExpectedName(opened, count), limits);
            }

            return shards;
        }
        catch
        {
            shards.ForEach(shard => shard.Dispose());
            throw;
        }
    }

    public void Dispose() => File.Dispose();

    private static GgufShard Open(string path, GgufLimits limits)
    {
        var file = MappedFile.Open(path);
        try
        {
            var head = file.GetSpan(0, (int)Math.Min(file.Length, limits.MaxHeaderBytes + 1L));
            return new GgufShard(file, GgufHeader.Parse(head, file.Length, limits, path));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static SplitName ExpectedName(GgufShard shard, int count)
    {
        var name = SplitName.Parse(shard.File.Path);
        if (name is null || name.Count != count)
        {
            var wanted = new SplitName("NAME", 1, count);
            throw shard.Error(CountKey, $"the file says that it is one of {count}, but its name is not like '{wanted}'");
        }

        return name;
    }

    /// <param name="shards">The opened file; becomes all of them.</param>
    private static void OpenOthers(List<GgufShard> shards, SplitName name, GgufLimits limits)
    {
        var opened = shards[0];
        if (name.Number < 1 || name.Number > name.Count)
        {
            throw opened.Error(NumberKey, $"the file's name says that it is number {name.Number} of {name.Count}");
        }

        for (var number = 1; number <= name.Count; number++)
        {
            if (number != name.Number)
            {
                shards.Insert(number - 1, OpenPart(name with { Number = number }, limits));
            }

            shards[number - 1].CheckPlace(number, name.Count);
        }

        shards[0].CheckTensorCount(shards.Sum(shard => (long)shard.Header.Tensors.Count), limits);
    }

    private static GgufShard OpenPart(SplitName name, GgufLimits limits)
    {
        try
        {
            return Open(name.ToString(), limits);
        }
        catch (FileNotFoundException exception)
        {
            var reason = $"file {name.Number} of {name.Count} of the split model is missing";
            throw new GgufFormatException(reason, 0, name.ToString(), exception);
        }
    }

    private void CheckPlace(int number, int count)
    {
        var metadata = Header.Metadata;
        if (metadata.Get<int>(CountKey) != count)
        {
            throw Error(CountKey, $"'{CountKey}' is {metadata.Get<int>(CountKey)}, by the first file and the file's name it is {count}");
        }

        if (metadata.Get<int>(NumberKey) != number - 1)
        {
            throw Error(NumberKey, $"'{NumberKey}' is {metadata.Get<int>(NumberKey)}, by the file's name it is {number - 1}");
        }
    }

    private void CheckTensorCount(long found, GgufLimits limits)
    {
        var claimed = Header.Metadata.Get<long>(TensorCountKey);
        if (claimed != found)
        {
            throw Error(TensorCountKey, $"'{TensorCountKey}' is {claimed}, the files have {found} tensors");
        }

        if (found > limits.MaxTensorCount)
        {
            throw Error(TensorCountKey, $"the files have {found} tensors, at most {limits.MaxTensorCount} are allowed");
        }
    }

    private GgufFormatException Error(string key, string reason) => Header.Metadata.Error(key, reason);
}
