import { rmSync, statSync } from 'node:fs';
import { openStore } from '/work/main/src/main/store/open.ts';
const N=Number(process.argv[2]??100_000),B=4096; const dir='/tmp/bench-ws';
rmSync(dir,{recursive:true,force:true});
const actor={analyst:'x',at:1};
const s=await openStore({directory:dir,appVersion:'1',now:1,newWorkspaceId:'w',newHashKey:new Uint8Array(32),userName:'x'});
const m=s.methods as any; const ctx={signal:new AbortController().signal,progress(){}};
let x=1;const rnd=()=>{x=(x*1103515245+12345)&0x7fffffff;return x/0x7fffffff};
function batches(first:number,n:number,src:number){const out=[];for(let o=0;o<n;o+=B){const c=Math.min(B,n-o);const rows=Array.from({length:c},(_,r)=>o+r);
 const sess=rows.map(i=>Math.max(1,Math.floor((first+i)/20)-Math.floor(rnd()*400)));
 out.push({firstEventId:first+o,lineNumbers:Int32Array.from(rows,i=>i+1),at:Float64Array.from(rows,i=>1.7e12+i*37),severities:Int8Array.from(rows,i=>i%8),templateIndexes:Int32Array.from(rows,()=>Math.floor(rnd()*300)),sessionIds:Float64Array.from(sess),hosts:rows.map(i=>'host-'+i%40),entities:rows.map(i=>'user'+i%500),raws:rows.map(i=>`Nov 20 13:58:${String(i%60).padStart(2,'0')} host-${i%40} sshd[${1000+Math.floor(rnd()*30000)}]: Failed password for invalid user user${i%500} from 10.${Math.floor(rnd()*255)}.${Math.floor(rnd()*255)}.7 port ${Math.floor(rnd()*65535)} ssh2`),rawBytes:new Map(),_s:sess});}return out;}
const b=m.begin_source({name:'a',format:'syslog3164',sizeBytes:1,assumption:{year:null,zone:null},importedAt:1,actor},ctx);
const bs=batches(b.nextEventId,N,1);
const ses=(b:any)=>[...new Set(b._s as number[])].map(id=>({id,entityKind:'user',entityHash:id*7e9,firstEventId:1,lastEventId:2,eventCount:20,startedAt:1,endedAt:2,isOpen:false}));
const sessions=bs.map(ses);
let t=performance.now();
for(const [i,e] of bs.entries())m.append_events({sourceId:b.sourceId,events:e,templates:[],sessions:sessions[i]},ctx);
let d=performance.now()-t;console.log('append_events',N,'rows',Math.round(N/d*1000),'rows/s');
m.finish_source({sourceId:b.sourceId,state:'ready',sha256:null,totals:{lineCount:N,eventCount:N,plainCount:0,blankCount:0,badByteCount:0,sessionCount:1,firstAt:1,lastAt:2},templates:[],sessions:[],actor},ctx);
for(let k=0;k<3;k++){t=performance.now();let after=0,c=0;for(;;){const p=m.read_keys({sourceId:b.sourceId,afterEventId:after,limit:65536},ctx);if(!p.eventIds.length)break;c+=p.eventIds.length;after=p.eventIds.at(-1);}d=performance.now()-t;console.log('read_keys',c,Math.round(c/d*1000),'rows/s');}
t=performance.now();let longest=0,last=t;await m.index_text(undefined,{...ctx,progress(){const n=performance.now();longest=Math.max(longest,n-last);last=n}});d=performance.now()-t;console.log('index_text',Math.round(N/d*1000),'rows/s, longest chunk ms',Math.round(longest));
console.log('db MB',(statSync(dir+'/surprisal.db').size/1e6).toFixed(1),'wal MB',(statSync(dir+'/surprisal.db-wal').size/1e6).toFixed(1));
for(const q of ['10.7','user42','failed password user499 port','zzz','10.1.2.7']){t=performance.now();const r=m.search_text({sourceId:null,text:q,afterEventId:0,limit:100,maxChars:200},ctx);console.log('search',q,r.events.length,(performance.now()-t).toFixed(1),'ms');}
const M=Math.min(N,100_000);
m.add_model({id:'m',state:'kept',createdAt:1,directory:'models/m',card:{},curve:[],files:[],actor},ctx);
const alerts=Array.from({length:M},(_,i)=>({id:'a'+i,eventId:i+1,sessionId:1,lastEventId:i+1,score:3+rnd()*5,bits:12,severity:1+i%5,reason:'rare',title:'A rare kind of line',signature:i%2?'same':'s'+i%1000,templateIndex:1,entityKind:'user',entityHash:5,eventCount:1,at:1.7e12+i,evidence:{culprits:[{eventId:i+1,isEnd:false,bits:3,modelBits:3,expected:[]}]}}));
t=performance.now();m.replace_run({runId:'r',sourceId:b.sourceId,modelId:'m',thresholdVersion:1,startedAt:1,finishedAt:2,eventCount:N,alerts,actor},ctx);console.log('replace_run',M,Math.round(performance.now()-t),'ms');
const li={state:'open',text:'',order:'severity',cursor:null,limit:200,minScore:4,now:1};
for(let k=0;k<2;k++){t=performance.now();m.list_alerts(li,ctx);console.log('list',(performance.now()-t).toFixed(1),'ms');}
t=performance.now();m.list_alerts({...li,order:'time'},ctx);console.log('list time',(performance.now()-t).toFixed(1),'ms');
t=performance.now();m.list_alerts({...li,text:'user42'},ctx);console.log('list text',(performance.now()-t).toFixed(1),'ms');
t=performance.now();m.alert_counts({minScore:4,now:1},ctx);console.log('counts',(performance.now()-t).toFixed(1),'ms');
const gv=(id:string,a:string)=>({verdictId:id,alertId:a,value:'false_positive_logic',note:'',analyst:'x',givenAt:5,foldExpiresAt:1e15,folds:true,minScore:0});
t=performance.now();console.log(m.give_verdict(gv('v1','a1'),ctx).foldedCount,'folded',Math.round(performance.now()-t),'ms');
t=performance.now();m.undo_verdict({actor,minScore:0},ctx);console.log('undo',Math.round(performance.now()-t),'ms');
t=performance.now();m.redo_verdict({actor,minScore:0},ctx);console.log('redo',Math.round(performance.now()-t),'ms');
const ts:number[]=[];for(let i=0;i<100;i++){t=performance.now();m.give_verdict(gv('w'+i,'a'+(2*i)),ctx);ts.push(performance.now()-t);}ts.sort((a,b)=>a-b);console.log('single verdict p50',ts[50].toFixed(1),'p95',ts[95].toFixed(1),'ms');
t=performance.now();m.replace_run({runId:'r2',sourceId:b.sourceId,modelId:'m',thresholdVersion:1,startedAt:1,finishedAt:2,eventCount:N,alerts,actor},ctx);console.log('replace_run again',Math.round(performance.now()-t),'ms');
s.close();
