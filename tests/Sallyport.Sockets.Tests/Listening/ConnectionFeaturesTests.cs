using Microsoft.AspNetCore.Http.Features;
using Sallyport.Sockets.Listening;
using Xunit;

namespace Sallyport.Sockets.Tests.Listening;

public sealed class ConnectionFeaturesTests
{
    /// <summary>What it does is what ASP.NET's own does, whatever is set, replaced and taken away.</summary>
    [Fact]
    public void ItIsAFeatureCollection()
    {
        Type[] keys = [.. typeof(IFeatureCollection).Assembly.GetTypes().Take(20)];
        var random = new Random(5);
        var expected = new FeatureCollection();
        var features = new ConnectionFeatures();
        for (var i = 0; i < 10_000; i++)
        {
            var key = keys[random.Next(keys.Length)];
            var value = random.Next(3) == 0 ? null : new object();
            var before = features.Revision;
            expected[key] = value;
            features[key] = value;

            Assert.NotEqual(before, features.Revision);
            Assert.All(keys, k => Assert.Same(expected[k], features[k]));
            Assert.Equal(expected.ToHashSet(), features.ToHashSet());
        }
    }

    [Fact]
    public void WhatWasSetByItsTypeIsFoundByItsType()
    {
        var features = new ConnectionFeatures();
        features.Set("a word");

        Assert.Equal("a word", features.Get<string>());
        Assert.Null(features.Get<Version>());
        features.Set<string>(null);
        Assert.Null(features.Get<string>());
        Assert.Empty(features);
    }
}
