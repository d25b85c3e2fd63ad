/** @file What `surprisal help` prints, and what follows a wrong word. */
import { periodFormats, periodKinds } from '../../shared/period.ts';
import { reportFormats } from '../../shared/report.ts';

export const usage = `Usage: npm run -s surprisal -- COMMAND ...

  learn  --workspace DIR --input FILE [FILE...] [--budget 20/day|20/100k] [--preset PRESET] [--top-k K] [--counts-only]
         [--text-model NAME|none] [--seed N] [--sequences]
  score  --workspace DIR --input FILE --output OUT.jsonl [--preset PRESET] [--top-k K] [--sequences]
  watch  --workspace DIR --input PATH [PATH...]|- [--pattern GLOB]
  alerts --workspace DIR [--query FILTER]
  label  --workspace DIR --alert ALERT --verdict true_positive|benign_true_positive|false_positive_logic|
         false_positive_data|undetermined [--note TEXT]
  explain --workspace DIR --alert ALERT [--again] | --switch on|off [--model NAME] [--address URL]
  case [create] --workspace DIR --title T --alerts ALERT,...|open | --query FILTER
  case list     --workspace DIR
  case show     --workspace DIR --case CASE
  case add      --workspace DIR --case CASE --alerts ALERT,...|open | --query FILTER
  case move     --workspace DIR --case CASE --into CASE --alerts ALERT,...
  case set      --workspace DIR --case CASE [--title T] [--state open|in_progress|closed] [--severity info|…|critical]
                [--owner NAME] [--tags A,B] [--due 2026-11-29T18:00Z]
  case note     --workspace DIR --case CASE --note TEXT
  case close    --workspace DIR --case CASE --as true_positive|…
  case detach   --workspace DIR --case CASE --attachment ID
  bundle export --workspace DIR --case CASE --output FILE
  bundle import --workspace DIR --input FILE
  bundle verify --input FILE
  report --workspace DIR --case ID --format ${reportFormats.join('|')} --output FILE
         [--zone ZONE] [--template NAME] [--redact-personal]
  report --workspace DIR --period ${periodKinds.join('|')}|FROM/TO --format ${periodFormats.join('|')}
         --output FILE [--zone ZONE] [--redact-personal]
  lab    --lines N --seed N --output FILE --labels FILE.jsonl [--anomaly-rate 0.01] [--changes]
  diagnostics --workspace DIR
  serve  --workspace DIR [--port 8000] [--app-port N]
  browse --workspace DIR [--port N]
  token create --workspace DIR --name NAME
  token list   --workspace DIR
  token revoke --workspace DIR --name NAME
  output list --workspace DIR
  output set  --workspace DIR --kind webhook|splunk|syslog [--url URL] [--index NAME] [--to HOST:PORT] [--transport tcp|tls|udp]
              [--secret-file FILE] [--severity info|low|medium|high|critical] [--without-lines] [--off] [--test]
  output send --workspace DIR
  restore --workspace DIR [--yes]
  verify-audit --workspace DIR [--head N:HASH]

  train        --workspace DIR --input FILE [FILE...] --kind key_s|key_m|key_m_wide|text|fine-tune
               [--name NAME] [--reads lines|windows] [--from MODEL] [--method lora|full] [--epochs N] [--seed N] [--provider cpu|webgpu]
  classify train         --workspace DIR --data FILE.npz [--templates FILE] [--seed N]
  classify train         --workspace DIR --verdicts [--length 10] [--seed N]
  classify explain       --workspace DIR [--index 0] [--part test|train] [--model CLASSIFIER]
  classify evaluate      --workspace DIR [--count 20] [--part test|train] [--model CLASSIFIER]
  classify first-anomaly --workspace DIR [--part test|train] [--model CLASSIFIER]
  classify labels        --workspace DIR [--model CLASSIFIER]
  classify use           --workspace DIR [--model CLASSIFIER]
  classify drop          --workspace DIR
  classify export        --workspace DIR --output model_explanations.xlsx [--count 20] [--model CLASSIFIER]
  models       --workspace DIR
  retrain      --workspace DIR [--seed N]
  adopt        --workspace DIR [--model MODEL] [--override SENTENCE]
  discard      --workspace DIR [--model MODEL]
  rollback     --workspace DIR [--model MODEL]
  import-model --workspace DIR --from FOLDER --name NAME [--seed N]
  export-model --workspace DIR --model NAME --output FOLDER [--format safetensors|onnx]
  logprobs     --workspace DIR --model NAME --input FILE --output OUT.jsonl
  continue     --workspace DIR --model NAME --text TEXT [--tokens 50] [--temperature 0.7] [--seed N]

PRESET is budget (all detectors, within the alert budget), top_k (what is not among the K kinds most expected, half of them
unless said), or tutorial (windows of ten lines; needs a text model that was trained with --reads windows). It is kept in the workspace.
serve answers the local API on --port, and serves the app to a browser like browse: the link is on stdout. What asks the API gives a token.
With --counts-only nothing is trained. --text-model names the text model that reads from now on what it was trained on, lines or
windows; none: no text model reads lines.

CASE and ALERT are an id, or the number that the workspace shows: C-3, A-12. --severity, --owner, --tags and --due take back what was
said when they are empty.

JSON on stdout, progress on stderr. Exit status: 0 done, 2 usage, 3 bad input.`;
