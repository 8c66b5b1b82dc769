using System.Collections;
using Microsoft.AspNetCore.Http.Features;

namespace Sallyport.Sockets.Listening;

/// <summary>
/// What hangs on a connection: about ten things, asked for when it begins. A list takes a third of the memory of ASP.NET's table, which
/// an idle connection would keep.
/// </summary>
internal sealed class ConnectionFeatures : IFeatureCollection
{
    /// <summary>The connection's own six, and Kestrel's four.</summary>
    private const int Usual = 10;

    private (Type Key, object Value)[] _features = new (Type, object)[Usual];
    private int _count;

    public bool IsReadOnly => false;

    public int Revision { get; private set; }

    public object? this[Type key]
    {
        get => IndexOf(key) is var at and >= 0 ? _features[at].Value : null;
        set
        {
            Revision++;
            var at = IndexOf(key);
            if (value is null)
            {
                if (at >= 0)
                    _features[at] = _features[--_count];
                _features.AsSpan(_count).Clear();
                return;
            }
            if (at < 0)
            {
                if (_count == _features.Length)
                    Array.Resize(ref _features, _count * 2);
                at = _count++;
            }
            _features[at] = (key, value);
        }
    }

    public TFeature? Get<TFeature>() => (TFeature?)this[typeof(TFeature)];

    public void Set<TFeature>(TFeature? instance) => this[typeof(TFeature)] = instance;

    public IEnumerator<KeyValuePair<Type, object>> GetEnumerator() =>
        _features.Take(_count).Select(static f => KeyValuePair.Create(f.Key, f.Value)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private int IndexOf(Type key)
    {
        for (var i = 0; i < _count; i++)
        {
            if (_features[i].Key == key)
                return i;
        }
        return -1;
    }
}
