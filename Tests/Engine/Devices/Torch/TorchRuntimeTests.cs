using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Engine.Devices.Torch;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Tests.Fixtures;
using TorchSharp;

namespace ManagedSwarm.Tests.Engine.Devices.Torch;

/// <summary>How libtorch gets into a process, and stays out of it. It is loaded once, so most tests need their own.</summary>
public sealed class TorchRuntimeTests
{
    [Fact]
    public void Loads_and_computes()
    {
        using var device = TestDevices.Open(DeviceKind.TorchCpu);
        Assert.Equal("torch-cpu", device.Kind);
        Assert.False(device.IsBatchInvariant);

        using var scope = new TorchScope();
        var product = torch.tensor(new float[,] { { 1, 2 }, { 3, 4 } }).matmul(torch.tensor(new float[] { 10, 1 }));
        Assert.Equal([12f, 34f], product.data<float>().ToArray());
    }

    [Fact]
    public void Copies_nothing_beside_the_program()
    {
        using var device = TestDevices.Open(DeviceKind.TorchCpu);
        Assert.False(Directory.Exists(Path.Combine(AppContext.BaseDirectory, "cpu")), "TorchSharp's own loader ran");
    }

    [Fact]
    public void Says_so_where_there_is_no_cuda()
    {
        Assert.SkipWhen(File.Exists("/dev/nvidiactl"), "this machine has a GPU");
        using var torchCpu = TestDevices.Open(DeviceKind.TorchCpu);
        var exception = Assert.Throws<EngineException>(() => new TorchDevice(DeviceKind.Cuda));
        Assert.Equal("torch_unavailable", exception.Code);
    }

    [Fact]
    public void Is_not_for_managed_kernels() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new TorchDevice(DeviceKind.Cpu));

    [Fact]
    public async Task Never_loads_for_the_managed_device()
    {
        Assert.SkipUnless(File.Exists("/proc/self/maps"), "needs /proc/self/maps");
        if (!ChildTest.IsChild)
        {
            await ChildTest.RunAgainAsync(typeof(TorchRuntimeTests));
            return;
        }

        using var device = new CpuDevice();
        await using var model = TinyModels.Open(device, TinyModels.Names.First(), KvType.F16);
        Assert.Single(await model.ComputeLogitsAsync([1], 1, TestContext.Current.CancellationToken));
        var libraries = await File.ReadAllLinesAsync("/proc/self/maps", TestContext.Current.CancellationToken);
        Assert.Contains(libraries, line => Path.GetFileName(line).StartsWith("libc.", StringComparison.Ordinal));
        Assert.DoesNotContain(
            libraries.Select(Path.GetFileName),
            name => name!.Contains("torch", StringComparison.OrdinalIgnoreCase) && name.Contains(".so", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Uses_the_installed_torch_that_is_named_and_leaves_no_file()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "links libraries the way Linux does");
        TestDevices.Open(DeviceKind.TorchCpu).Dispose();
        if (ChildTest.IsChild)
        {
            Assert.Equal(1, torch.ones(1).sum().item<float>());
            Assert.Empty(Directory.EnumerateFileSystemEntries(Path.GetTempPath(), "managedswarm*"));
            return;
        }

        using var folder = new TemporaryFolder();
        var installed = Directory.CreateDirectory(folder.File("torch")).FullName;
        var temporary = Directory.CreateDirectory(folder.File("temporary")).FullName;
        var libtorch = Path.GetDirectoryName(TorchLibraries.Find("torch_cpu", TorchLibraries.ProgramDirectories()))!;
        foreach (var file in Directory.EnumerateFiles(libtorch).Where(file => !file.Contains("LibTorchSharp", StringComparison.Ordinal)))
        {
            File.CreateSymbolicLink(Path.Combine(installed, Path.GetFileName(file)), file);
        }

        await ChildTest.RunAgainAsync(typeof(TorchRuntimeTests), [(TorchLibraries.DirectoryVariable, installed), ("TMPDIR", temporary)]);
    }

    [Fact]
    public async Task Says_where_it_looked_in_vain()
    {
        if (ChildTest.IsChild)
        {
            RequireUnavailable();
            return;
        }

        using var folder = new TemporaryFolder();
        await ChildTest.RunAgainAsync(typeof(TorchRuntimeTests), [(TorchLibraries.DirectoryVariable, folder.Path)]);
    }

    [Fact]
    public async Task Says_what_does_not_load()
    {
        if (ChildTest.IsChild)
        {
            RequireUnavailable();
            return;
        }

        using var folder = new TemporaryFolder();
        foreach (var library in (string[])["c10", "torch_cpu"])
        {
            await File.WriteAllTextAsync(folder.File(TorchLibraries.FileName(library)), "no library", TestContext.Current.CancellationToken);
        }

        await ChildTest.RunAgainAsync(typeof(TorchRuntimeTests), [(TorchLibraries.DirectoryVariable, folder.Path)]);
    }

    private static void RequireUnavailable()
    {
        var place = Environment.GetEnvironmentVariable(TorchLibraries.DirectoryVariable)!;
        foreach (var kind in (DeviceKind[])[DeviceKind.TorchCpu, DeviceKind.Cuda])
        {
            var exception = Assert.Throws<EngineException>(() => new TorchDevice(kind));
            Assert.Equal("torch_unavailable", exception.Code);
            Assert.Contains(place, exception.Message, StringComparison.Ordinal);
        }
    }
}
