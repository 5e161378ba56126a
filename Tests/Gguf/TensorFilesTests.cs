using ManagedSwarm.Gguf;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Gguf;

public sealed class TensorFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly GgufFile _file = GgufFile.Open(Repository.File("models-test/tiny.gguf"));

    public void Dispose()
    {
        _file.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public unsafe void Has_the_bytes_of_the_file()
    {
        using var store = SeparateTensors.Write(_file, _file.Tensors, _folder);
        Assert.Equal(_file.Tensors.Count, store.Tensors.Count);
        foreach (var tensor in _file.Tensors)
        {
            Assert.True(store.TryGetTensor(tensor.Name, out var found));
            var expected = TensorReading.ReadBytes(_file, tensor);
            Assert.Equal(expected, new ReadOnlySpan<byte>(store.GetPointer(found), expected.Length));
            var rowBytes = expected.Length / (int)tensor.Rows;
            var lastRow = expected.AsSpan(expected.Length - rowBytes).ToArray();
            Assert.Equal(lastRow, store.GetRow(found, tensor.Rows - 1).ToArray());
            var read = new byte[rowBytes];
            store.ReadRows(found, tensor.Rows - 1, 1, read);
            Assert.Equal(lastRow, read);
            store.ReadBytes(found, 1, read.AsSpan(1));
            Assert.True(expected.AsSpan(1, rowBytes - 1).SequenceEqual(read.AsSpan(1)));
        }

        Assert.False(store.TryGetTensor("blk.99.attn_q.weight", out _));
    }

    [Fact]
    public void Refuses_what_is_not_within_a_tensor()
    {
        using var store = SeparateTensors.Write(_file, _file.Tensors.Take(1), _folder);
        var tensor = store.Tensors[0];
        Assert.Throws<ArgumentOutOfRangeException>(() => store.GetRow(tensor, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => store.GetRow(tensor, tensor.Rows));
        Assert.Throws<ArgumentOutOfRangeException>(() => store.ReadRows(tensor, tensor.Rows, 1, new byte[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => store.ReadBytes(tensor, tensor.ByteLength, new byte[1]));
    }

    [Fact]
    public void Refuses_a_file_of_another_length_and_a_missing_one()
    {
        SeparateTensors.Write(_file, _file.Tensors.Take(3), _folder).Dispose();
        var skeleton = GgufSkeleton.Read(GgufSkeleton.Write(_file, _file.Tensors.Take(3)));
        var path = _folder.File(_file.Tensors[2].Name);
        File.AppendAllText(path, "!");
        Assert.Contains(_file.Tensors[2].Name, Assert.Throws<GgufFormatException>(Open).Message);
        File.Delete(path);
        Assert.Throws<FileNotFoundException>(Open);

        TensorFiles Open() => TensorFiles.Open(skeleton, "a model", tensor => _folder.File(tensor.Name));
    }

    [Fact]
    public void Gives_its_lease_back_when_it_is_disposed()
    {
        using var lease = new MemoryStream();
        var store = SeparateTensors.Write(_file, _file.Tensors.Take(2), _folder, lease);
        Assert.True(lease.CanRead);
        store.Dispose();
        Assert.False(lease.CanRead);
    }
}
