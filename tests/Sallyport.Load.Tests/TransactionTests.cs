using System.Text;
using Sallyport.Load.Wire;

namespace Sallyport.Load.Tests;

public sealed class TransactionTests
{
    [Theory]
    [InlineData(QueryMode.Simple)]
    [InlineData(QueryMode.Extended)]
    [InlineData(QueryMode.Prepared)]
    public void Keys_are_five_digits_of_the_hot_ones(QueryMode mode)
    {
        var transaction = new Transaction(mode);
        var length = transaction.Request(0).Length;
        var seen = new HashSet<string>();

        for (var n = 0; n < 2 * Transaction.HotKeys; n++)
        {
            var request = Encoding.ASCII.GetString(transaction.Request(n));
            Assert.Equal(length, request.Length);
            var key = System.Text.RegularExpressions.Regex.Match(request, "[0-9]{5}").Value;
            Assert.InRange(int.Parse(key), 1, Transaction.HotKeys);
            seen.Add(key);
        }

        Assert.InRange(seen.Count, Transaction.HotKeys / 2, Transaction.HotKeys);
    }
}
