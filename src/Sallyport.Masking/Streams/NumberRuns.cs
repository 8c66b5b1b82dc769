using System.Runtime.CompilerServices;
using Sallyport.Core;
using Sallyport.Masking.Detection;

namespace Sallyport.Masking.Streams;

/// <summary>
/// Numbers that nothing announces. Some leading characters have been shown when one is recognised: of a card the first six digits (the
/// issuer), of a social security number the area (written with spaces: area and group), of an IBAN the country, check digits and the first
/// four of the bank. The rest is masked while it may be one, so that longer numbers that begin as a card does are masked too.
/// </summary>
internal struct NumberRuns
{
    private const int ShownOfCard = 6;
    private const int ShownOfAccount = 8;
    private const int ShortestGroup = 3;

    private Cards _cards;
    private int _alive;
    private int _group;
    private bool _isParted;
    private int _ssn;
    private int _area;
    private byte _ssnSeparator;
    private int _account;
    private int _accountLength;

    public readonly bool IsAtRest => _alive == 0 && _ssn == 0 && _account == 0;

    /// <summary>Three bytes or more fit: a soft wrap may stand here.</summary>
    public readonly bool IsUnderWay
    {
        get
        {
            for (var i = 0; i < _alive; i++)
            {
                if (_cards[i].Count >= ShortestGroup)
                    return true;
            }
            return _ssn >= ShortestGroup || _account > ShortestGroup;
        }
    }

    /// <summary>True when the byte is to be masked.</summary>
    /// <param name="value">The byte.</param>
    /// <param name="before">What stands before it, the last byte lowest.</param>
    /// <param name="detectors">What is looked for.</param>
    /// <param name="found">What is complete.</param>
    public bool Step(byte value, ulong before, Detectors detectors, ref Detectors found)
    {
        var masks = false;
        if ((detectors & Detectors.Pan) != 0)
            masks |= StepCards(value, before, ref found);
        if ((detectors & Detectors.Ssn) != 0)
            masks |= StepSsn(value, before, ref found);
        if ((detectors & Detectors.Iban) != 0)
            masks |= StepAccount(value, before, ref found);
        return masks;
    }

    private bool StepCards(byte value, ulong before, ref Detectors found)
    {
        var last = (byte)before;
        if (Ascii.IsDigit(value))
        {
            if (_isParted)
                (_isParted, _group) = (false, 0);
            else if (!Ascii.IsDigit(last))
                (_alive, _group) = (0, IsWithinHash(before) ? 1 : 0);
            // A number may begin with each group.
            if (_group++ == 0 && _alive < Cards.Most)
                _cards[_alive++] = default;
            return _alive > 0 && AddDigit(value - '0');
        }
        if (_alive == 0)
            return false;
        Settle(ref found);
        if (!_isParted && value is (byte)' ' or (byte)'-' && _group >= ShortestGroup)
            _isParted = true;
        else
            (_alive, _isParted) = (0, false);
        return false;
    }

    /// <summary>A letter stands before, in a hexadecimal word with a digit, as far as the last eight bytes tell.</summary>
    private static bool IsWithinHash(ulong before)
    {
        if (!char.IsAsciiHexDigit((char)(byte)before))
            return false;
        var hasDigit = false;
        for (; char.IsAsciiHexDigit((char)(byte)before); before >>= 8)
            hasDigit |= Ascii.IsDigit((byte)before);
        return hasDigit && !Ascii.IsLetter((byte)before);
    }

    private bool AddDigit(int digit)
    {
        var masks = false;
        var kept = 0;
        for (var i = 0; i < _alive; i++)
        {
            var card = _cards[i];
            if (!card.TryAdd(digit))
                continue;
            masks |= card.Count > ShownOfCard;
            _cards[kept++] = card;
        }
        _alive = kept;
        return masks;
    }

    private readonly void Settle(ref Detectors found)
    {
        for (var i = 0; i < _alive; i++)
        {
            if (_cards[i].IsComplete)
                found |= Detectors.Pan;
        }
    }

    private bool StepSsn(byte value, ulong before, ref Detectors found)
    {
        const int Length = 11, Group = 4, Serial = 7;
        var last = (byte)before;
        if (_ssn == 0)
        {
            if (!Ascii.IsDigit(value) || Ascii.IsDigit(last) || (last == '-' && Ascii.IsDigit((byte)(before >> 8))))
                return false;
            (_ssn, _area) = (1, value - '0');
            return false;
        }
        var place = _ssn++;
        if (place is 3 or 6)
        {
            if (place == 3)
                _ssnSeparator = value;
            if (value is not ((byte)'-' or (byte)' ') || value != _ssnSeparator || _area is 0 or 666 or >= 900)
                _ssn = 0;
            return false;
        }
        if (!Ascii.IsDigit(value))
        {
            _ssn = 0;
            return false;
        }
        if (place < 3)
            _area = (_area * 10) + value - '0';
        if (_ssn == Length)
        {
            _ssn = 0;
            found |= Detectors.Ssn;
        }
        return place >= (_ssnSeparator == '-' ? Group : Serial) && place >= Group;
    }

    private bool StepAccount(byte value, ulong before, ref Detectors found)
    {
        if (_account == 0)
        {
            if (!Ascii.IsDigit(value) || !Ascii.IsLetter((byte)before) || !Ascii.IsLetter((byte)(before >> 8)) || !BeginsWord(before >> 16))
                return false;
            _accountLength = Iban.LengthOf((byte)(before >> 8), (byte)before);
            _account = _accountLength == 0 ? 0 : 3;
            return false;
        }
        var isSeparator = value is (byte)' ' or (byte)'-' && _account > 3 && Ascii.IsLetterOrDigit((byte)before);
        if (isSeparator)
            return false;
        if (!(_account == 3 ? Ascii.IsDigit(value) : Ascii.IsLetterOrDigit(value)))
        {
            _account = 0;
            return false;
        }
        var masks = ++_account > ShownOfAccount;
        if (_account == _accountLength)
        {
            _account = 0;
            found |= Detectors.Iban;
        }
        return masks;
    }

    /// <summary>As <see cref="Ascii.WordBegins"/>.</summary>
    public static bool BeginsWord(ulong before) =>
        !Ascii.IsBase64Url((byte)before) || ((byte)(before >> 8) == '\\' && (byte)before is (byte)'n' or (byte)'r' or (byte)'t');

    /// <summary>One number that may be a card's.</summary>
    private struct Card
    {
        private int _four;
        private Issuer _issuer;
        private int _evenDoubled;
        private int _oddDoubled;

        public int Count { get; private set; }

        /// <summary>An issuer uses that length and the check digit is right.</summary>
        public readonly bool IsComplete => Count >= 13 && _issuer.Uses(Count) && ((Count & 1) == 0 ? _evenDoubled : _oddDoubled) % 10 == 0;

        /// <summary>False when it is no card's number.</summary>
        public bool TryAdd(int digit)
        {
            var doubled = digit > 4 ? (digit * 2) - 9 : digit * 2;
            _evenDoubled += (Count & 1) == 0 ? doubled : digit;
            _oddDoubled += (Count & 1) == 0 ? digit : doubled;
            Count++;
            if (Count <= 4)
                _four = (_four * 10) + digit;
            if (Count < 4)
                return true;
            if (Count > 4)
                return _issuer.Lengths >> Count != 0;
            var (first, second) = (_four / 100, _four % 100);
            return Issuer.TryFind([(byte)(first / 10), (byte)(first % 10), (byte)(second / 10), (byte)(second % 10)], out _issuer);
        }
    }

    [InlineArray(Most)]
    private struct Cards
    {
        /// <summary>Groups have three digits, cards at most nineteen.</summary>
        public const int Most = 8;

        private Card _first;
    }
}
